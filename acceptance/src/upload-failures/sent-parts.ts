import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { listAll } from "../harness/files.ts";
import { listParts } from "../harness/multipart.ts";
import { waitFor } from "../harness/wait-for.ts";
import { apiOf } from "../harness/web-page.ts";
import type { Upload } from "../harness/wire.ts";
import type { FailingSite, SentPut } from "./failing-site.ts";

/** Waits until the store has so many parts of the one upload that is open (or more, where one arrived whose sender went), and another is half-way. */
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
    return parts.length >= partCount && isNextOnItsWay && parts.map(({ partNumber }) => partNumber);
  });
}

/**
 * Each of five parts was sent, and none but those that were broken was sent twice. (One whose sender went before it heard the answer may
 * have arrived all the same, and is not sent again then.)
 */
export function assertPartsSentOnce(puts: readonly SentPut[]): void {
  assert.equal(new Set(puts.map(({ path }) => path)).size, 1, "one object");
  const sent = new Set(puts.map(({ partNumber }) => partNumber));
  assert.deepEqual([...sent].sort(), [1, 2, 3, 4, 5], "each part is sent");
  const heard = puts.filter(({ hasFailed }) => !hasFailed).map(({ partNumber }) => partNumber);
  assert.deepEqual(
    heard.sort(),
    [...new Set(heard)].sort(),
    "none is sent again that the store had answered",
  );
}
