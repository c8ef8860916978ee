import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FileAudience, fileStates } from "../file.ts";
import {
  albumAudience,
  albumIdsIn,
  audienceOf,
  audiencesOf,
  organisationAudience,
  personAudience,
  publicAudience,
  shownAudience,
} from "./audiences.ts";
import { decideFileAccess, type FileReason } from "./decide-file-access.ts";
import type { Principal } from "./principal.ts";

const nowMs = 1000;
const idArbitrary = fc.constantFrom("a", "b", "c");
const audienceArbitrary: fc.Arbitrary<FileAudience> = fc.oneof(
  idArbitrary.map((organisationId) => ({ kind: "organisation" as const, organisationId })),
  fc.constant({ kind: "public" as const }),
);

/** A file, to whom it was granted, and in which albums it is. */
const fileArbitrary = fc.record({
  state: fc.constantFrom(...fileStates),
  audience: fc.option(audienceArbitrary, { nil: undefined }),
  userIds: fc.subarray(["a", "b", "c"]),
  albumIds: fc.subarray(["a", "b", "c"]),
});
const principalArbitrary = fc.record({
  id: idArbitrary,
  organisationId: fc.option(idArbitrary, { nil: undefined }),
  memberOf: fc.subarray(["a", "b", "c"]),
});

test("somebody finds in the lists of their audiences what the predicate lets them read, and nothing else", () => {
  fc.assert(
    fc.property(fileArbitrary, principalArbitrary, (file, { id, organisationId, memberOf }) => {
      const { state, audience } = file;
      const shown = { state, ...(audience && { audience }) };
      const keys = audiencesOf(shown, file.userIds, file.albumIds);
      const decide = (principal: Principal, albumIds: readonly string[]) =>
        decideFileAccess(
          principal,
          "read",
          { id: "file", ownerId: "owner", ...shown },
          { grants: file.userIds.includes(id) ? [{ kind: "share" }] : [], albumIds },
          nowMs,
        );
      const principal: Principal = { id, ...(organisationId !== undefined && { organisationId }) };
      const albumIds = file.albumIds.filter((albumId) => memberOf.includes(albumId));
      const lists = [
        personAudience(id),
        ...memberOf.map(albumAudience),
        ...(organisationId === undefined ? [] : [organisationAudience(organisationId)]),
        publicAudience,
      ];
      assert.equal(
        lists.some((list) => keys.includes(list)),
        decide(principal, albumIds).allowed,
      );
      // Each list holds what its own reason lets them read.
      const stripped = (reason: FileReason) => {
        const decision = decideFileAccess(
          reason === "organisation" ? principal : { id: "d" },
          "read",
          { id: "file", ownerId: "owner", state, ...(audience && { audience }) },
          {
            grants: reason === "granted" && file.userIds.includes(id) ? [{ kind: "share" }] : [],
            albumIds: reason === "album" ? albumIds : [],
          },
          nowMs,
        );
        return decision.allowed && decision.reason === reason;
      };
      assert.equal(keys.includes(personAudience(id)), stripped("granted"));
      assert.equal(
        memberOf.some((albumId) => keys.includes(albumAudience(albumId))),
        stripped("album"),
      );
      assert.equal(
        organisationId !== undefined && keys.includes(organisationAudience(organisationId)),
        stripped("organisation"),
      );
      assert.equal(keys.includes(publicAudience), stripped("public"));
    }),
    { numRuns: 1000 },
  );
});

test("an audience's key says which it is, and no two are the same", () => {
  fc.assert(
    fc.property(audienceArbitrary, (audience) => {
      assert.deepEqual(audienceOf(shownAudience(audience)), audience);
    }),
  );
  const ids = ["", "a", "p", ":", "u:a"];
  const keys = ids.flatMap((id) => [personAudience(id), albumAudience(id), organisationAudience(id)]);
  assert.equal(new Set([...keys, publicAudience]).size, keys.length + 1);
});

test("keys are what rows of this version have", () => {
  assert.deepEqual(
    audiencesOf({ state: "ready", audience: { kind: "organisation", organisationId: "o1" } }, ["u1"], ["a1"]),
    ["u:u1", "a:a1", "o:o1"],
  );
  assert.deepEqual(audiencesOf({ state: "ready", audience: { kind: "public" } }, [], []), ["p"]);
  assert.deepEqual(audiencesOf({ state: "ready" }, ["u1"], []), ["u:u1"]);
  for (const state of fileStates.filter((one) => one !== "ready"))
    assert.deepEqual(audiencesOf({ state, audience: { kind: "public" } }, ["u1"], ["a1"]), []);
});

test("the albums among audiences are told from all others, in their order", () => {
  fc.assert(
    fc.property(fileArbitrary, ({ audience, userIds, albumIds }) => {
      const all = audiencesOf({ state: "ready", ...(audience && { audience }) }, userIds, albumIds);
      assert.deepEqual(albumIdsIn(all), albumIds);
    }),
  );
  assert.deepEqual(albumIdsIn(["u:a", "a:one", "p", "a:two", "o:a:x"]), ["one", "two"]);
  assert.deepEqual(albumIdsIn([]), []);
});
