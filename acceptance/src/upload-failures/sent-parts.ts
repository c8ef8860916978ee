import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { listAll } from "../harness/files.ts";
import { listParts } from "../harness/multipart.ts";
import { waitFor } from "../harness/wait-for.ts";
import { apiOf } from "../harness/web-page.ts";
import type { Upload } from "../harness/wire.ts";
import type { FailingSite, SentPut } from "./failing-site.ts";

/** Waits until the store has so many parts of the one upload that is open, and another is half-way. */
export async function waitForStoredParts(
  site: FailingSite,
  page: Page,
  partCount: number,
): Promise<readonly number[]> {
  const api = await apiOf(page, site.faulty.direct.api);
  return waitFor(`${partCount} parts to arrive, and another to be on its way`, async () => {
    const [upload] = await listAll<Upload>(api, "/v1/uploads?state=pending");
    const parts = upload ? await listParts(api, upload.id) : [];
    const isNextOnItsWay = site.puts.slice(-3).some(({ hasFailed }) => hasFailed);
    return parts.length === partCount && isNextOnItsWay && parts.map(({ partNumber }) => partNumber);
  });
}

/** Of these PUTs each of five parts arrived, and none but those that were broken was sent twice. */
export function assertPartsSentOnce(puts: readonly SentPut[]): void {
  const arrived = puts.filter(({ hasFailed }) => !hasFailed);
  assert.equal(new Set(arrived.map(({ path }) => path)).size, 1, "one object");
  assert.deepEqual(
    arrived.map(({ partNumber }) => partNumber).sort(),
    [1, 2, 3, 4, 5],
    "each part is sent to its end once",
  );
}
