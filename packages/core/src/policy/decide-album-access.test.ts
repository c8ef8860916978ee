import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AlbumAction,
  type AlbumDecision,
  type AlbumResource,
  type AlbumRole,
  albumActions,
  albumRoles,
  decideAlbumAccess,
  isSealed,
} from "./decide-album-access.ts";
import { anonymous, type Capability, type Principal } from "./principal.ts";

const nowMs = 1000;

const openAlbum: AlbumResource = { id: "album" };
const sealedAlbum: AlbumResource = { id: "album", revealAtMs: 500 };
const revealedAlbum: AlbumResource = { id: "album", revealAtMs: 5000, revealedAtMs: 900 };

/** Rows: as what. Columns: may they see, list, add, manage? `r`: only what is not sealed. */
const table: readonly (readonly [AlbumRole | "guest" | "link", string])[] = [
  ["owner", "yryy"],
  ["contributor", "yry-"],
  ["viewer", "yr--"],
  ["guest", "yry-"],
  ["link", "yr--"],
];

/** As what somebody stands to this album: the rule once more. */
function standsAs(capability: Capability | undefined, role: AlbumRole | undefined) {
  if (!capability) return role;
  if (capability.endsAtMs <= nowMs) return undefined;
  if (capability.kind === "guest")
    return capability.albumId === "album" && role ? (role === "viewer" ? role : "guest") : undefined;
  if (capability.kind === "delegation") {
    const isBound = JSON.stringify(capability.bounds) !== "{}";
    if ((capability.bounds.albumId ?? "album") !== "album") return undefined;
    return isBound && role === "owner" ? "contributor" : role;
  }
  const { kind, id } = capability.target;
  return kind === "album" && id === "album" ? "link" : undefined;
}

function mayBe(
  capability: Capability | undefined,
  role: AlbumRole | undefined,
  action: AlbumAction,
  album: AlbumResource,
): boolean {
  const may = table.find(([as]) => as === standsAs(capability, role))?.[1][albumActions.indexOf(action)];
  return may === "y" || (may === "r" && album !== sealedAlbum);
}

const capabilities: readonly (Capability | undefined)[] = [
  undefined,
  ...[999, 1000, 1001].flatMap((endsAtMs): Capability[] => [
    { id: "c", endsAtMs, kind: "guest", albumId: "album" },
    { id: "c", endsAtMs, kind: "guest", albumId: "other-album" },
    ...[{}, { albumId: "album" }, { albumId: "other-album" }, { profile: "default" }].map((bounds) => ({
      ...{ id: "c", endsAtMs, kind: "delegation" as const, scopes: ["uploads:write"] as const },
      ...{ bounds, mintedAtMs: 1 },
    })),
    { id: "c", endsAtMs, kind: "link", target: { kind: "album", id: "album" } },
    { id: "c", endsAtMs, kind: "link", target: { kind: "album", id: "other-album" } },
    { id: "c", endsAtMs, kind: "link", target: { kind: "file", id: "album" } },
  ]),
];

test("everyone may do with every album what the table says, and nothing else", () => {
  for (const capability of capabilities)
    for (const role of [undefined, ...albumRoles])
      for (const album of [openAlbum, sealedAlbum, revealedAlbum])
        for (const action of albumActions) {
          const principal: Principal = { id: "somebody", ...(capability && { capability }) };
          const { allowed, endsAtMs } = decideAlbumAccess(principal, action, album, role, nowMs);
          const asked = JSON.stringify({ capability, role, album, action });
          assert.equal(allowed, mayBe(capability, role, action, album), asked);
          assert.equal(endsAtMs, allowed ? capability?.endsAtMs : undefined, asked);
        }
});

test("roles and actions are those of the contract", () => {
  assert.deepEqual(albumRoles, ["viewer", "contributor", "owner"]);
  assert.deepEqual(albumActions, ["see", "list", "add", "manage"]);
});

test("an album is sealed from its making until that it was revealed is written down, whatever the time", () => {
  assert.equal(isSealed(openAlbum), false);
  assert.equal(isSealed(sealedAlbum), true);
  assert.equal(isSealed({ revealAtMs: Number.MAX_SAFE_INTEGER }), true);
  assert.equal(isSealed(revealedAlbum), false);
});

const link: Capability = { id: "c", endsAtMs: 2000, kind: "link", target: { kind: "album", id: "album" } };
const guest: Capability = { id: "c", endsAtMs: 2000, kind: "guest", albumId: "album" };

const program: Capability = {
  id: "c",
  endsAtMs: 2000,
  kind: "delegation",
  scopes: ["uploads:write"],
  bounds: { albumId: "album" },
  mintedAtMs: 1,
};

const answers: readonly (readonly [
  string,
  Principal,
  AlbumAction,
  AlbumResource,
  AlbumRole | undefined,
  AlbumDecision,
])[] = [
  ["a member lists", { id: "a" }, "list", openAlbum, "viewer", { allowed: true, reason: "member" }],
  [
    "a member's program adds to the album that its token is bound to",
    { id: "a", capability: program },
    "add",
    openAlbum,
    "owner",
    { allowed: true, reason: "member", endsAtMs: 2000 },
  ],
  [
    "its owner lists nothing that is sealed",
    { id: "a" },
    "list",
    sealedAlbum,
    "owner",
    { allowed: false, reason: "sealed" },
  ],
  ["a viewer adds nothing", { id: "a" }, "add", openAlbum, "viewer", { allowed: false, reason: "role" }],
  [
    "who is no member sees nothing",
    { id: "a" },
    "see",
    openAlbum,
    undefined,
    { allowed: false, reason: "not-member" },
  ],
  [
    "nor does who has no token",
    anonymous,
    "see",
    openAlbum,
    undefined,
    { allowed: false, reason: "not-member" },
  ],
  [
    "a guest adds until their right ends",
    { id: "g", capability: guest },
    "add",
    sealedAlbum,
    "contributor",
    { allowed: true, reason: "guest", endsAtMs: 2000 },
  ],
  [
    "a guest who was taken out of it sees nothing",
    { id: "g", capability: guest },
    "see",
    openAlbum,
    undefined,
    { allowed: false, reason: "not-member" },
  ],
  [
    "a guest manages nothing, whatever a row says of them",
    { id: "g", capability: guest },
    "manage",
    openAlbum,
    "owner",
    { allowed: false, reason: "role" },
  ],
  [
    "a link lists",
    { id: "l", capability: link },
    "list",
    revealedAlbum,
    undefined,
    { allowed: true, reason: "link", endsAtMs: 2000 },
  ],
  [
    "a link that ended says that it has",
    { id: "l", capability: { ...link, endsAtMs: nowMs } },
    "list",
    revealedAlbum,
    undefined,
    { allowed: false, reason: "ended" },
  ],
];

for (const [what, principal, action, album, role, expected] of answers)
  test(what, () => assert.deepEqual(decideAlbumAccess(principal, action, album, role, nowMs), expected));
