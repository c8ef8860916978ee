import assert from "node:assert/strict";
import type { Answer } from "../harness/api-client.ts";
import { getFile, mintDownload } from "../harness/files.ts";
import { transferPatiently } from "../harness/patient-client.ts";
import { sha256Of } from "../harness/transfer.ts";
import type { StoredFile } from "../harness/wire.ts";
import type { Client, Sending } from "./sending.ts";

/** What its owner has done to a file, and how it should be. */
export interface KeptFile {
  readonly sending: Sending;
  name: string;
  state: "ready" | "trashed" | "purged";
  /** How often the audit should tell of each. */
  readonly done: { changed: number; trashed: number; restored: number; purged: number };
}

export const keep = (sending: Sending): KeptFile => ({
  sending,
  name: sending.intent.name,
  state: "ready",
  done: { changed: 0, trashed: 0, restored: 0, purged: 0 },
});

/** Downloads it and holds its bytes to those that were sent. A URL that ran out while the bucket was away is asked for anew. */
export async function download({ api, patience }: Client, { sending }: KeptFile): Promise<void> {
  for (;;) {
    const request = await mintDownload(api, sending.fileId);
    const { status, bytes } = await transferPatiently(request, patience);
    if (status === 403) continue;
    assert.equal(status, 200, bytes.subarray(0, 500).toString("utf8"));
    assert.equal(sha256Of(bytes), sending.intent.sha256, `file ${sending.fileId} has other bytes`);
    return;
  }
}

/**
 * A change at the ETag that the file has now. Where its answer was lost, the repeated one is refused, and the file must be as it
 * was asked to be: a change is made once, whatever dies.
 */
async function change(
  client: Client,
  { sending }: KeptFile,
  ask: (path: string, ifMatch: string) => Promise<Answer>,
  isDone: (file: StoredFile) => boolean,
): Promise<void> {
  const path = `/v1/files/${sending.fileId}`;
  const etag = (await client.api.get(path)).headers.get("etag") ?? "";
  const answer = await ask(path, etag);
  if (answer.status === 200 || answer.status === 204) return;
  assert.equal(answer.status, 412, answer.text.slice(0, 500));
  const file = await getFile(client.api, sending.fileId);
  assert.ok(isDone(file), `the change was refused, and was not made before: ${JSON.stringify(file)}`);
}

export async function rename(client: Client, file: KeptFile): Promise<void> {
  const name = `renamed ${file.done.changed + 1}.png`;
  await change(
    client,
    file,
    (path, ifMatch) => client.api.send("PATCH", path, { json: { name }, headers: { "if-match": ifMatch } }),
    (now) => now.name === name,
  );
  file.name = name;
  file.done.changed += 1;
}

export async function trash(client: Client, file: KeptFile): Promise<void> {
  await change(
    client,
    file,
    (path, ifMatch) => client.api.delete(path, { "if-match": ifMatch }),
    ({ state }) => state === "trashed",
  );
  file.state = "trashed";
  file.done.trashed += 1;
}

export async function restore(client: Client, file: KeptFile): Promise<void> {
  await change(
    client,
    file,
    (path, ifMatch) => client.api.send("POST", `${path}/restore`, { headers: { "if-match": ifMatch } }),
    ({ state }) => state === "ready",
  );
  file.state = "ready";
  file.done.restored += 1;
}

export async function purge({ api }: Client, file: KeptFile): Promise<void> {
  const path = `/v1/files/${file.sending.fileId}`;
  const etag = (await api.get(path)).headers.get("etag") ?? "";
  const answer = await api.delete(`${path}?permanent=true`, { "if-match": etag });
  // 404: the answer of the first try was lost.
  assert.ok(answer.status === 204 || answer.status === 404, answer.text.slice(0, 500));
  assert.equal((await api.get(path)).status, 404);
  file.state = "purged";
  file.done.purged += 1;
}
