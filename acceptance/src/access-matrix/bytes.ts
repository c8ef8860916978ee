import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchBytes, sha256Of } from "../harness/transfer.ts";
import { waitFor } from "../harness/wait-for.ts";
import type { DownloadsAnswer, StoredFile } from "../harness/wire.ts";
import { askAs } from "./asking.ts";
import type { Viewer } from "./people.ts";
import { type MadeFile, rightsTo } from "./rule.ts";
import { admitted, type GetWorld } from "./suite.ts";

/** What others than a file's owner are given of it. */
export function describeBytes(world: GetWorld): void {
  /** What they are given; asked for again while it is being made. */
  const fetchWhenMade = (viewer: Viewer, file: MadeFile, derivative: string): Promise<Buffer> =>
    waitFor(`${derivative} of ${file.what}`, async () => {
      const json = { files: [{ id: file.id, derivative }] };
      const answer = await askAs(viewer, world().files, { method: "POST", path: "/v1/downloads", json });
      const { request } = (answer.body as DownloadsAnswer).items[0] ?? {};
      if (!request) return undefined;
      const { status, bytes } = await fetchBytes(request);
      assert.equal(status, 200);
      return bytes;
    });

  test("others are given other bytes than were sent, and nothing of what was in those", async () => {
    let given = 0;
    for (const viewer of admitted(world()))
      for (const file of world().files) {
        const rights = rightsTo(viewer, file);
        if (!rights.has("read") || rights.has("history") || file.ownerId === viewer.userId) continue;
        for (const derivative of ["original", "rendition", "preview", "thumbnail"]) {
          const bytes = await fetchWhenMade(viewer, file, derivative);
          for (const mark of file.ownersMarks)
            assert.ok(!bytes.includes(mark), `${derivative} of ${file.what}`);
          assert.ok(!file.ownersMarks.includes(sha256Of(bytes)), `${derivative} of ${file.what}`);
          given += 1;
        }
        const { body } = await viewer.api.get<StoredFile>(`/v1/files/${file.id}`);
        assert.deepEqual([body.metadata, body.conflicts], [{}, 0], file.what);
      }
    assert.ok(given > 20, `${given} pictures`);
  });
}
