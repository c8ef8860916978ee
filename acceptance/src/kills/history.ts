import assert from "node:assert/strict";
import type { Answer } from "../harness/api-client.ts";
import { getFile, listAll, mintDownload } from "../harness/files.ts";
import { transferPatiently } from "../harness/patient-client.ts";
import { sha256Of } from "../harness/transfer.ts";
import { getUpload, isEnded } from "../harness/upload.ts";
import type { FileVersion, Upload } from "../harness/wire.ts";
import { change, type KeptFile, keep } from "./kept-file.ts";
import type { Lane } from "./lane.ts";
import { type Sending, sendOne } from "./sending.ts";

const sendWeights = { photo: 70, junk: 10, video: 6 } as const;
const endWeights = { complete: 78, unsaid: 10, abort: 12 } as const;

/**
 * Sends what is to take the place of the version that is current now; and sometimes another for the same place, as from a second
 * device. What becomes of them is seen later.
 */
export async function replace({ client, sendings }: Lane, { fileId }: KeptFile): Promise<void> {
  const { api, random } = client;
  const { version } = await getFile(api, fileId);
  for (let left = random.next() < 0.35 ? 2 : 1; left > 0; left -= 1) {
    const kind = random.pickWeighted(sendWeights);
    const end = random.pickWeighted(endWeights);
    sendings.push(await sendOne(client, kind, end, { fileId, version }));
  }
}

/**
 * Where an upload has ended is looked up once it has; what is ready is a file from then on, or a version of one.
 *
 * @returns false: it has not ended yet
 */
export async function settle(lane: Lane, sending: Sending): Promise<boolean> {
  if (lane.settled.has(sending)) return true;
  const upload = await getUpload(lane.client.api, sending.uploadId);
  if (!isEnded(upload)) return false;
  lane.settled.add(sending);
  if (upload.state === "ready") settleReady(lane, sending, upload);
  return true;
}

function settleReady(lane: Lane, sending: Sending, upload: Upload): void {
  const { replaces } = sending.intent;
  const said = upload.events?.at(-1)?.detail ?? "";
  const file = lane.files.find(({ fileId }) => fileId === upload.fileId);
  if (!file) {
    if (replaces) {
      const replaced = lane.files.find(({ fileId }) => fileId === replaces.fileId);
      assert.equal(replaced?.state, "purged", `${upload.id} is a file of its own: ${said}`);
      assert.match(said, /kept as a file of its own/i);
    }
    lane.files.push(keep(sending, upload.fileId));
    return;
  }
  assert.equal(file.fileId, replaces?.fileId, `${upload.id} is a version of another file`);
  const isConflict = /Kept as version \d+, beside/.test(said);
  assert.ok(isConflict || /Now version \d+ of the file/.test(said), said);
  file.done[isConflict ? "file.conflicted" : "file.replaced"] += 1;
  if (file.state !== "purged")
    file.versions.set(upload.id, { sending, becameCurrent: !isConflict, isConflict });
}

const listHistory = (lane: Lane, { fileId }: KeptFile): Promise<FileVersion[]> =>
  listAll<FileVersion>(lane.client.api, `/v1/files/${fileId}/versions`);

/** The history as it is told: all versions that its owner left there, each as it was sent, and one of them current. */
export async function readHistory(lane: Lane, file: KeptFile): Promise<readonly FileVersion[]> {
  const known = [...file.versions.keys()];
  const rows = await listHistory(lane, file);
  for (const { uploadId } of rows) {
    const sending = lane.sendings.find((each) => each.uploadId === uploadId);
    assert.ok(sending && (await settle(lane, sending)), `a version of ${uploadId}, which was not sent`);
  }
  const where = JSON.stringify(rows.map(({ version, state, uploadId }) => ({ version, state, uploadId })));
  assert.equal(rows.filter(({ state }) => state === "current").length, 1, where);
  assert.equal(new Set(rows.map(({ version }) => version)).size, rows.length, where);
  for (const row of rows) {
    const kept = file.versions.get(row.uploadId);
    assert.ok(kept, `version ${row.version} was deleted, and is there: ${where}`);
    assert.deepEqual(
      [row.state === "conflict", row.name, row.sha256],
      [kept.isConflict, kept.sending.intent.name, kept.sending.intent.sha256],
      where,
    );
  }
  for (const uploadId of known)
    assert.ok(
      rows.some((row) => row.uploadId === uploadId),
      `the version of ${uploadId} is lost: ${where}`,
    );
  return rows;
}

/** Downloads a version and holds its bytes to those that were sent. A URL that ran out while the bucket was away is asked for anew. */
export async function download(
  { client: { api, patience } }: Lane,
  { fileId }: KeptFile,
  { version, sha256 }: Pick<FileVersion, "version" | "sha256">,
): Promise<void> {
  for (;;) {
    const request = await mintDownload(api, fileId, { version });
    const { status, bytes } = await transferPatiently(request, patience);
    if (status === 403) continue;
    assert.equal(status, 200, bytes.subarray(0, 500).toString("utf8"));
    assert.equal(sha256Of(bytes), sha256, `version ${version} of ${fileId} has other bytes`);
    return;
  }
}

export async function downloadAny(lane: Lane, file: KeptFile): Promise<void> {
  await download(lane, file, lane.client.random.pick(await readHistory(lane, file)));
}

/**
 * Changes one of the versions that are not current, at the ETag that the file has now.
 *
 * @returns which; nothing where there was none
 */
async function changeVersion(
  lane: Lane,
  file: KeptFile,
  ask: (path: string, ifMatch: string) => Promise<Answer>,
  isDone: (chosen: FileVersion, rows: readonly FileVersion[], wasCurrent: string | undefined) => boolean,
): Promise<FileVersion | undefined> {
  let chosen: FileVersion | undefined;
  let wasCurrent: string | undefined;
  const isMade = await change(
    lane,
    file,
    async (path, ifMatch) => {
      const rows = await readHistory(lane, file);
      wasCurrent = rows.find(({ state }) => state === "current")?.uploadId;
      const others = rows.filter(({ state }) => state !== "current");
      chosen = others.length === 0 ? undefined : lane.client.random.pick(others);
      return chosen && ask(`${path}/versions/${chosen.version}`, ifMatch);
    },
    async () => chosen !== undefined && isDone(chosen, await listHistory(lane, file), wasCurrent),
  );
  return isMade ? chosen : undefined;
}

export async function restoreVersion(lane: Lane, file: KeptFile): Promise<void> {
  const chosen = await changeVersion(
    lane,
    file,
    (path, ifMatch) => lane.client.api.send("POST", `${path}/restore`, { headers: { "if-match": ifMatch } }),
    ({ version }, rows, wasCurrent) => {
      const current = rows.find(({ state }) => state === "current");
      // What moved the file on was another upload, a conflict or one that came before the history was read.
      if (current?.uploadId === wasCurrent) return false;
      // Or what was to take its place has, since it was current.
      const sending = lane.sendings.find(({ uploadId }) => uploadId === current?.uploadId);
      return current?.version === version || sending?.intent.replaces?.version === version;
    },
  );
  const kept = file.versions.get(chosen?.uploadId ?? "");
  if (!kept) return;
  kept.isConflict = false;
  file.madeCurrent = kept.sending.uploadId;
  file.done["version.restored"] += 1;
}

export async function purgeVersion(lane: Lane, file: KeptFile): Promise<void> {
  const chosen = await changeVersion(
    lane,
    file,
    (path, ifMatch) => lane.client.api.delete(path, { "if-match": ifMatch }),
    ({ version }, rows) => !rows.some((row) => row.version === version),
  );
  if (!chosen) return;
  file.versions.delete(chosen.uploadId);
  file.done["version.purged"] += 1;
}
