import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { albumAudience } from "../../policy/audiences.ts";
import { type AlbumRole, albumRoles, decideAlbumAccess } from "../../policy/decide-album-access.ts";
import { decideFileAccess } from "../../policy/decide-file-access.ts";
import { changeFile } from "../change-file.ts";
import { completeUpload } from "../complete-upload.ts";
import { onlyVisible } from "../get-file.ts";
import { createOneMachine, type OneMachine } from "../one-machine.testing.ts";
import { processUpload } from "../process-upload.ts";
import { trashFile } from "../trash-file.ts";
import { setAlbumMember } from "./change-members.ts";
import { createAlbum } from "./create-album.ts";
import { listAlbumFiles } from "./list-album-files.ts";
import { removeAlbumFile } from "./remove-album-file.ts";
import { revealAlbum } from "./reveal-album.ts";

const people = ["ann", "ben", "cy"] as const;

/** Something that somebody tries to do; whoever may not is refused, which changes nothing. */
const deed = fc.record({
  who: fc.nat(2),
  album: fc.nat(2),
  file: fc.nat(5),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constant("send" as const) },
    fc.constantFrom("reveal" as const, "take-out" as const, "put-in" as const, "trash" as const),
    fc.constantFrom(...albumRoles).map((role) => ({ role, member: 1 })),
  ),
});

const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === "RefusedError";

test("in any world of albums each list is what the predicates say of all files, and so is each count", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      fc.array(deed, { maxLength: 20 }),
      fc.nat(2),
      async (sealed, deeds, otherMember) => {
        const machine = createOneMachine();
        const { services } = machine;
        const ids = await Promise.all(people.map((name) => machine.person(name)));
        const [owner] = ids;
        assert.ok(owner);
        const albumIds: string[] = [];
        for (const isSealed of sealed) {
          const { album } = await createAlbum(services, owner, {
            name: "a",
            ...(isSealed ? { revealAtMs: services.clock.nowMs() + 1000 } : {}),
          });
          albumIds.push(album.id);
        }
        const fileIds: string[] = [];
        for (const each of deeds)
          try {
            await run(machine, { ...each, ids, albumIds, fileIds, otherMember });
          } catch (error) {
            if (!isRefusal(error)) throw error;
          }
        for (const who of ids) for (const albumId of albumIds) await hold(machine, who, albumId, fileIds);
      },
    ),
    { numRuns: 60 },
  ));

async function run(
  machine: OneMachine,
  {
    what,
    ids,
    albumIds,
    fileIds,
    otherMember,
    ...at
  }: {
    who: number;
    album: number;
    file: number;
    what: "send" | "reveal" | "take-out" | "put-in" | "trash" | { role: AlbumRole };
    ids: readonly { id: string }[];
    albumIds: readonly string[];
    fileIds: string[];
    otherMember: number;
  },
): Promise<void> {
  const { services } = machine;
  const who = ids[at.who % ids.length];
  const albumId = albumIds[at.album % albumIds.length];
  const fileId = fileIds[at.file % Math.max(1, fileIds.length)];
  const other = ids[otherMember];
  if (!who || albumId === undefined || !other) return;
  if (typeof what === "object") {
    await setAlbumMember(services, who, albumId, other.id, what.role);
  } else if (what === "send") {
    const bytes = Buffer.from(`photo ${fileIds.length}`);
    const announced = await machine.announce(who, bytes, undefined, { albumId }).catch(() => undefined);
    if (!announced) return;
    await machine.objects.receive(announced.request, bytes);
    await completeUpload(services, who, announced.id);
    await processUpload(machine.worker, await machine.claim());
    fileIds.push(announced.fileId);
  } else if (what === "reveal") await revealAlbum(services, who, albumId);
  else if (fileId === undefined) return;
  else if (what === "take-out") await removeAlbumFile(services, who, albumId, fileId);
  else if (what === "put-in") await changeFile(services, who, fileId, "any", { albumIds: [albumId] });
  else await trashFile(services, who, fileId, "any");
}

async function hold(
  { services }: OneMachine,
  who: { id: string },
  albumId: string,
  fileIds: readonly string[],
): Promise<void> {
  const { metadata, clock } = services;
  const [standing] = await metadata.findAlbums({ principalId: who.id, albumIds: [albumId] });
  assert.ok(standing);
  const { album, member } = standing;
  const mayList = decideAlbumAccess(who, "list", album, member?.role, clock.nowMs()).allowed;
  const listed = await listAlbumFiles(services, who, albumId, { limit: 50 }).then(
    ({ items }) => items.map(({ file }) => file.id),
    (error: unknown) => {
      assert.ok(isRefusal(error));
      return undefined;
    },
  );
  assert.equal(listed !== undefined, mayList);
  const files = await metadata.findFiles(fileIds);
  const inAlbum = files.filter(({ albumIds }) => albumIds?.includes(albumId));
  if (listed) assert.deepEqual([...listed].sort(), inAlbum.map(({ id }) => id).sort());
  const raw = await metadata.listFiles({
    ownerId: "",
    list: { by: "audience", audience: albumAudience(albumId) },
    limit: 50,
  });
  assert.deepEqual(raw.map(({ id }) => id).sort(), inAlbum.map(({ id }) => id).sort());
  const sealed = files.filter(({ sealedBy }) => sealedBy === albumId);
  assert.equal(album.fileCount, inAlbum.length + sealed.length);
  assert.deepEqual(await onlyVisible(services, who, sealed), [], "a seal outranks its owner");
  for (const file of files) {
    const [visible] = await onlyVisible(services, who, [file]);
    const [access] = await metadata.findFileAccess({ principalId: who.id, fileIds: [file.id] });
    const decided = decideFileAccess(
      who,
      "read",
      file,
      access ?? { grants: [], albumIds: [] },
      clock.nowMs(),
    );
    assert.equal(visible !== undefined, decided.allowed);
  }
}
