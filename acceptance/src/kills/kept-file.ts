import assert from "node:assert/strict";
import type { Answer } from "../harness/api-client.ts";
import { getFile } from "../harness/files.ts";
import type { StoredFile } from "../harness/wire.ts";
import type { Lane } from "./lane.ts";
import type { Sending } from "./sending.ts";

/** What may be told of a file, each by its own audit event. */
type FileEvent =
  | `file.${"changed" | "trashed" | "restored" | "purged" | "replaced" | "conflicted"}`
  | `version.${"restored" | "purged"}`;

/** A version that was not deleted. */
export interface KeptVersion {
  readonly sending: Sending;
  /** It was current as soon as it was ready. */
  readonly becameCurrent: boolean;
  /** It did not, and was not made so since. */
  isConflict: boolean;
}

/** What its owner has done to a file, and how it should be. */
export interface KeptFile {
  readonly fileId: string;
  /** By upload. */
  readonly versions: Map<string, KeptVersion>;
  /** The upload whose version its owner made current last. */
  madeCurrent: string;
  name: string;
  state: "ready" | "trashed" | "purged";
  /** How often the audit should tell of each. */
  readonly done: Record<FileEvent, number>;
}

export const keep = (sending: Sending, fileId: string): KeptFile => ({
  fileId,
  versions: new Map([[sending.uploadId, { sending, becameCurrent: true, isConflict: false }]]),
  madeCurrent: sending.uploadId,
  name: sending.intent.name,
  state: "ready",
  done: {
    "file.changed": 0,
    "file.trashed": 0,
    "file.restored": 0,
    "file.purged": 0,
    "file.replaced": 0,
    "file.conflicted": 0,
    "version.restored": 0,
    "version.purged": 0,
  },
});

/** Whether something is on its way that becomes a version of it, and so gives it another ETag at any moment. */
const isMoving = ({ sendings, settled }: Lane, { fileId }: KeptFile): boolean =>
  sendings.some((sending) => sending.intent.replaces?.fileId === fileId && !settled.has(sending));

/**
 * A change at the ETag that the file has now. Where its answer was lost, the repeated one is refused, and the file must be as it
 * was asked to be: a change is made once, whatever dies. Where another version came in between, it is decided anew.
 *
 * @param ask answers nothing where there is nothing to be changed
 * @returns whether it was made
 */
export async function change(
  lane: Lane,
  file: KeptFile,
  ask: (path: string, ifMatch: string) => Promise<Answer | undefined>,
  isDone: (file: StoredFile) => boolean | Promise<boolean>,
): Promise<boolean> {
  const { api } = lane.client;
  const path = `/v1/files/${file.fileId}`;
  for (;;) {
    const mayMove = isMoving(lane, file);
    const etag = (await api.get(path)).headers.get("etag") ?? "";
    const answer = await ask(path, etag);
    if (!answer) return false;
    if (answer.status === 200 || answer.status === 204) return true;
    // 404: of a version that the lost try has deleted.
    assert.ok(answer.status === 412 || answer.status === 404, answer.text.slice(0, 500));
    const now = await getFile(api, file.fileId);
    if (await isDone(now)) return true;
    assert.ok(
      mayMove && answer.status === 412,
      `the change was refused, and was not made before: ${JSON.stringify(now)}`,
    );
  }
}

export async function rename(lane: Lane, file: KeptFile): Promise<void> {
  const { api } = lane.client;
  const name = `renamed ${file.done["file.changed"] + 1}.png`;
  await change(
    lane,
    file,
    (path, ifMatch) => api.send("PATCH", path, { json: { name }, headers: { "if-match": ifMatch } }),
    (now) => now.name === name,
  );
  file.name = name;
  file.done["file.changed"] += 1;
}

export async function trash(lane: Lane, file: KeptFile): Promise<void> {
  await change(
    lane,
    file,
    (path, ifMatch) => lane.client.api.delete(path, { "if-match": ifMatch }),
    ({ state }) => state === "trashed",
  );
  file.state = "trashed";
  file.done["file.trashed"] += 1;
}

export async function restore(lane: Lane, file: KeptFile): Promise<void> {
  await change(
    lane,
    file,
    (path, ifMatch) => lane.client.api.send("POST", `${path}/restore`, { headers: { "if-match": ifMatch } }),
    ({ state }) => state === "ready",
  );
  file.state = "ready";
  file.done["file.restored"] += 1;
}

export async function purge(lane: Lane, file: KeptFile): Promise<void> {
  const { api } = lane.client;
  const path = `/v1/files/${file.fileId}`;
  for (;;) {
    const mayMove = isMoving(lane, file);
    const etag = (await api.get(path)).headers.get("etag") ?? "";
    const answer = await api.delete(`${path}?permanent=true`, { "if-match": etag });
    // 404: the answer of the first try was lost.
    if (answer.status === 204 || answer.status === 404) break;
    assert.ok(answer.status === 412 && mayMove, answer.text.slice(0, 500));
  }
  assert.equal((await api.get(path)).status, 404);
  file.state = "purged";
  file.versions.clear();
  file.done["file.purged"] += 1;
}
