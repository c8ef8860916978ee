import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Answer } from "../harness/api-client.ts";
import { fetchBytes } from "../harness/transfer.ts";
import { waitFor } from "../harness/wait-for.ts";
import type { PresignedRequest } from "../harness/wire.ts";
import { askAs, told } from "./asking.ts";
import type { Viewer } from "./people.ts";
import { hiddenMarks, rightsTo } from "./rule.ts";
import { admitted, type GetWorld, isTurnedAway } from "./suite.ts";

interface Archive {
  readonly id: string;
  readonly state: string;
  readonly parts: readonly { readonly request: PresignedRequest }[];
  readonly leftOut: readonly { readonly fileId: string; readonly reason: string }[];
}

/**
 * What is packed for whom. The ZIP files compress nothing: what is in them can be searched as they are.
 *
 * @param exports whether all that somebody has is packed, too: nobody may have more than three archives. Default: it is
 */
export function describeArchives(world: GetWorld, { exports = true } = {}): void {
  const ask = (viewer: Viewer, method: string, path: string, json?: unknown): Promise<Answer> =>
    askAs(viewer, world().files, { method, path, ...(json === undefined ? {} : { json }) });

  const waitForArchive = (viewer: Viewer, id: string): Promise<Archive> =>
    waitFor(`the archive of ${viewer.name}`, async () => {
      const { archive } = (await ask(viewer, "GET", `/v1/archives/${id}`)).body as { archive: Archive };
      return archive.state !== "waiting" && archive.state !== "making" && archive;
    });

  const assertNothingHidden = async (viewer: Viewer, { parts }: Archive) => {
    for (const { request } of parts) {
      const { status, bytes } = await fetchBytes(request);
      assert.equal(status, 200);
      for (const file of world().files)
        for (const mark of hiddenMarks(viewer, file))
          assert.ok(!bytes.includes(mark), `an archive of ${viewer.name} has "${mark}" of ${file.what}`);
    }
  };

  test("an archive of everything has what the rule says, and says of the rest what it says of nothing", async () => {
    const missing = randomUUID();
    const ids = [...world().files.map(({ id }) => id), missing];
    for (const viewer of admitted(world())) {
      const asked = await ask(viewer, "POST", "/v1/archives", { fileIds: ids });
      if (viewer.cameBy || viewer.isProgram) {
        assert.equal(asked.status, 403, viewer.name);
        continue;
      }
      assert.equal(asked.status, 202, `${viewer.name}: ${asked.text}`);
      const archive = await waitForArchive(viewer, (asked.body as { archive: Archive }).archive.id);
      const isReadable = (one: (typeof ids)[number]) =>
        world().files.some((file) => file.id === one && rightsTo(viewer, file).has("read"));
      const reasonOf = (id: string) => archive.leftOut.find(({ fileId }) => fileId === id)?.reason;
      assert.equal(archive.state, ids.some((id) => isReadable(id)) ? "ready" : "failed", viewer.name);
      for (const { id, what, state } of [...world().files, { id: missing, what: "nothing", state: "none" }]) {
        const expected = !isReadable(id) ? "not-visible" : state === "ready" ? undefined : "not-ready";
        if (archive.state === "ready") assert.equal(reasonOf(id), expected, `${what} for ${viewer.name}`);
      }
      await assertNothingHidden(viewer, archive);
      for (const other of world().viewers) {
        if (other === viewer) continue;
        const other404 = told(await ask(other, "GET", `/v1/archives/${missing}`), missing);
        const there = told(await ask(other, "GET", `/v1/archives/${archive.id}`), archive.id);
        assert.deepEqual(there, other404, `the archive of ${viewer.name} to ${other.name}`);
        assert.ok(isTurnedAway(there.status, there.text) || there.status === 404, other.name);
      }
    }
  });

  if (!exports) return;
  test("an export of all that somebody has says nothing of what is hidden from them", async () => {
    for (const viewer of admitted(world())) {
      const asked = await ask(viewer, "POST", "/v1/me/export");
      assert.equal(
        asked.status,
        viewer.cameBy || viewer.isProgram ? 403 : 202,
        `${viewer.name}: ${asked.text}`,
      );
      if (viewer.cameBy || viewer.isProgram) continue;
      const archive = await waitForArchive(viewer, (asked.body as { archive: Archive }).archive.id);
      await assertNothingHidden(viewer, archive);
    }
  });
}
