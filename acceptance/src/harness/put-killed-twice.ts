import assert from "node:assert/strict";
import type { Person } from "./add-person.ts";
import { listAll } from "./files.ts";
import type { Server } from "./start-server.ts";
import { waitFor } from "./wait-for.ts";
import { startCommand, type WatchedResult } from "./watched-command.ts";
import type { StoredPart, Upload } from "./wire.ts";

/** In so short a time a fraction of the file goes out. */
const sliceMs = 40;

export interface KilledPut {
  /** The third run's, which was let live. */
  readonly result: WatchedResult;
  readonly uploadId: string;
  /** Parts that the store had when the third run began. */
  readonly storedParts: readonly StoredPart[];
}

/**
 * Puts a large file by the command line, kills it with SIGKILL once a fifth of its parts have arrived, does so again
 * at a half, and lets the third run live.
 */
export async function putKilledTwice(
  server: Server,
  person: Person,
  path: string,
  timeoutMs: number,
): Promise<KilledPut> {
  const env = { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: person.token };
  const put = (...more: string[]) => startCommand(["put", path, "--json", ...more], { env });
  const partsOf = async (uploadId: string) =>
    (await person.api.get<{ items: StoredPart[] }>(`/v1/uploads/${uploadId}/parts`)).body.items;
  const pendingUpload = async () => (await listAll<Upload>(person.api, "/v1/uploads?state=pending"))[0];
  let uploadId = "";

  for (const share of [0.2, 0.5]) {
    const command = put("--concurrency", "2");
    const hasShareArrived = async () => {
      if (command.hasEnded()) assert.fail(`It ended too soon: ${JSON.stringify(await command.result())}`);
      const upload = await pendingUpload();
      const parts = upload ? await partsOf(upload.id) : [];
      if (!upload || parts.length === 0) return false;
      uploadId = upload.id;
      return parts.length >= share * (upload.sizeBytes / (parts[0]?.sizeBytes ?? 1));
    };
    // It stands still while it is looked at: it must not come to its end meanwhile.
    await waitFor(
      `${share} of the parts to arrive`,
      async () => {
        await command.runFor(sliceMs);
        return hasShareArrived();
      },
      { everyMs: 0, timeoutMs },
    );
    await command.kill();
    const { state } = (await person.api.get<Upload>(`/v1/uploads/${uploadId}`)).body;
    assert.equal(state, "pending", "killed on the way, not after it");
  }
  const storedParts = await partsOf(uploadId);
  return { result: await put().result(), uploadId, storedParts };
}
