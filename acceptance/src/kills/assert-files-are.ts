import assert from "node:assert/strict";
import type { Api } from "../harness/api-client.ts";
import { getFile, getMe, listAll } from "../harness/files.ts";
import type { FileVersion, StoredFile } from "../harness/wire.ts";
import { download, readHistory, settle } from "./history.ts";
import type { KeptFile } from "./kept-file.ts";
import type { Lane } from "./lane.ts";

/**
 * Every file of a person's is there or gone as its owner left it, with all its versions and their bytes, and counted.
 *
 * @param lanes all of that person's, whose uploads have ended
 */
export async function assertFilesAre(api: Api, lanes: readonly Lane[]): Promise<void> {
  let usedBytes = 0;
  for (const lane of lanes) {
    for (const sending of lane.sendings) assert.ok(await settle(lane, sending));
    for (const file of lane.files) {
      const versions = await assertFileIs(api, lane, file);
      usedBytes += versions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    }
  }
  const listed = [
    ...(await listAll<StoredFile>(api, "/v1/files")),
    ...(await listAll<StoredFile>(api, "/v1/files?scope=trash")),
  ];
  const there = lanes.flatMap(({ files }) => files).filter(({ state }) => state !== "purged");
  assert.deepEqual(listed.map(({ id }) => id).sort(), there.map(({ fileId }) => fileId).sort());
  assert.equal((await getMe(api)).usedBytes, usedBytes);
}

async function assertFileIs(api: Api, lane: Lane, file: KeptFile): Promise<readonly FileVersion[]> {
  if (file.state === "purged") {
    assert.equal((await api.get(`/v1/files/${file.fileId}`)).status, 404);
    return [];
  }
  const now = await getFile(api, file.fileId);
  assert.deepEqual([now.state, now.name], [file.state, file.name]);
  const versions = await readHistory(lane, file);
  const current = versions.find(({ state }) => state === "current");
  assert.deepEqual([now.version, now.sha256], [current?.version, current?.sha256]);
  assert.equal(now.conflicts, versions.filter(({ state }) => state === "conflict").length);
  if (now.state === "ready") for (const version of versions) await download(lane, file, version);
  return versions;
}
