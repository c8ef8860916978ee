import assert from "node:assert/strict";
import fc from "fast-check";
import type { FileRecord } from "../file.ts";
import { organisationAudience, personAudience, publicAudience } from "../policy/audiences.ts";
import { decideFileAccess } from "../policy/decide-file-access.ts";
import type { Principal } from "../policy/principal.ts";
import { type MetadataStoreUnderTest, Scene } from "./metadata-store-case.contract.ts";

const people = [0, 1, 2, 3] as const;
/** Of the people, in their order; the last is of none. */
const organisationNames = ["acme", "acme", "other", undefined] as const;

const who = fc.constantFrom(...people);
const which = fc.nat(4);
const lifetimeMs = fc.constantFrom(undefined, 1, 2, 5);

const step = fc.oneof(
  fc.record({ do: fc.constant("send"), who }),
  fc.record({ do: fc.constant("grant"), which, to: who, lifetimeMs }),
  fc.record({ do: fc.constant("send"), who }),
  fc.record({ do: fc.constant("grant"), which, to: who, lifetimeMs }),
  fc.record({ do: fc.constant("revoke"), which, to: who }),
  fc.record({ do: fc.constant("break"), which, to: who }),
  fc.record({ do: fc.constant("show"), which, to: fc.constantFrom("private", "acme", "other", "public") }),
  fc.record({ do: fc.constantFrom("trash", "restore", "purge", "quarantine", "release"), which }),
  fc.record({ do: fc.constant("move"), who, into: fc.constantFrom("acme", "other", undefined) }),
  fc.record({ do: fc.constant("wait"), ms: fc.nat(3) }),
  fc.record({ do: fc.constant("forget") }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * In random worlds of people, organisations and files, what the lists give somebody, decided once more, is what the predicate lets
 * them read of everything that there is.
 */
export const holdAudiencesToPredicate = (
  create: () => Promise<MetadataStoreUnderTest>,
  runs: number,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const underTest = await create();
      try {
        const scene = new Scene(underTest);
        const owners: string[] = [];
        for (const index of people) owners.push((await scene.newOwner(identityOf(index))).id);
        const ids: string[] = [];
        for (const each of steps) await take(scene, owners, ids, each);
        for (const id of owners) {
          const { organisationId } = (await scene.store.findPrincipal(id)) ?? assert.fail();
          const principal: Principal = { id, ...(organisationId === undefined ? {} : { organisationId }) };
          await holdLists(scene, principal, ids);
        }
      } finally {
        await underTest.close();
      }
    }),
    { numRuns: runs },
  );

const identityOf = (who: number, organisation: string | undefined = organisationNames[who]) => ({
  subject: `person ${who}`,
  ...(organisation === undefined ? {} : { organisation }),
});

async function take(scene: Scene, owners: readonly string[], ids: string[], each: Step): Promise<void> {
  const { store, clock } = scene;
  if (each.do === "send" && "who" in each) {
    ids.push((await scene.createReady(owners[each.who] ?? "")).id);
    return;
  }
  if (each.do === "move" && "who" in each) {
    const moved = { subject: `person ${each.who}` };
    await scene.newOwner(
      "into" in each && each.into !== undefined ? { ...moved, organisation: each.into } : moved,
    );
    return;
  }
  if (each.do === "wait" && "ms" in each) return clock.advance(each.ms);
  if (each.do === "forget") {
    await store.forgetEndedGrants({ glassEndedBeforeMs: clock.nowMs(), limit: 100 });
    while ((await store.withdrawAudiences({ leftBeforeMs: clock.nowMs() - 2, limit: 2 })) === 2);
    return;
  }
  if (!("which" in each)) return;
  const file = await store.findFile(ids[each.which % Math.max(1, ids.length)] ?? "");
  if (!file) return;
  const { id: fileId, revision, version, current } = file;
  const command = { fileId, revision, actor: "system" } as const;
  if ("to" in each && typeof each.to === "number") {
    const userId = owners[each.to] ?? "";
    if (userId === file.ownerId) return;
    if (each.do === "break")
      await store.breakGlass({ fileId, userId, lifetimeMs: 3, reason: "To see what is in it." });
    if (each.do === "revoke") await store.revokeGrant({ ...command, userId });
    if (each.do === "grant" && "lifetimeMs" in each)
      await store.grantFile({
        ...command,
        userId,
        maxGrants: 2,
        ...(each.lifetimeMs === undefined ? {} : { endsAtMs: clock.nowMs() + each.lifetimeMs }),
      });
    return;
  }
  if ("to" in each && typeof each.to === "string") {
    const organisationId = await organisationIdOf(scene, each.to);
    const audience =
      each.to === "private"
        ? each.to
        : each.to === "public"
          ? ({ kind: each.to } as const)
          : ({ kind: "organisation", organisationId } as const);
    await store.changeFile({ ...command, change: { audience } });
  }
  if (each.do === "trash") await store.trashFile(command);
  if (each.do === "restore") await store.restoreFile(command);
  if (each.do === "purge") await store.purgeFile(command);
  if (each.do === "quarantine")
    await store.quarantineFile({
      fileId,
      version,
      key: current.key,
      finding: "It bites.",
      scanner: "a test",
    });
  if (each.do === "release") await store.releaseFile(command);
}

const organisationIdOf = async (scene: Scene, organisation: string): Promise<string> =>
  (await scene.newOwner({ subject: `somebody of ${organisation}`, organisation })).organisationId ?? "";

async function holdLists(scene: Scene, principal: Principal, ids: readonly string[]): Promise<void> {
  const { store, clock } = scene;
  const { id, organisationId } = principal;
  const files = await store.findFiles(ids);
  for (const { ownerId, audience } of files)
    if (audience?.kind === "organisation")
      assert.equal((await store.findPrincipal(ownerId))?.organisationId, audience.organisationId);
  const rows = new Map(
    (await store.findFileAccess({ principalId: id, fileIds: ids })).map((access) => [access.fileId, access]),
  );
  const mayRead = (file: FileRecord) => {
    const access = rows.get(file.id);
    assert.ok(access, "each file is answered");
    return decideFileAccess(principal, "read", file, access, clock.nowMs());
  };
  const listed = new Map<string, FileRecord>();
  for (const audience of [
    personAudience(id),
    ...(organisationId === undefined ? [] : [organisationAudience(organisationId)]),
    publicAudience,
  ])
    for (const file of await store.listFiles({
      ownerId: id,
      list: { by: "audience", audience },
      limit: 201,
    })) {
      assert.deepEqual(await store.findFile(file.id), file);
      assert.equal(file.state, "ready", "nothing else is in such a list");
      listed.set(file.id, file);
    }
  // Broken glass is in no list, and what is one's own in that of one's own.
  const others = files.filter((file) => file.ownerId !== id);
  const expected = others.filter((file) => {
    const { allowed, reason } = mayRead(file);
    return allowed && reason !== "break-glass";
  });
  const seen = [...listed.values()].filter((file) => file.ownerId !== id && mayRead(file).allowed);
  const idsIn = (some: readonly FileRecord[]) => some.map((file) => file.id).sort();
  const byGlassAlone = idsIn(others.filter((file) => mayRead(file).reason === "break-glass"));
  assert.deepEqual(
    idsIn(seen).filter((each) => !byGlassAlone.includes(each)),
    idsIn(expected),
  );
}
