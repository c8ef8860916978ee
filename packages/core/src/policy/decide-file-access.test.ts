import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FileAudience, fileStates } from "../file.ts";
import {
  allowedFileActions,
  decideFileAccess,
  type FileAccess,
  type FileAction,
  type FileDecision,
  type FileGrant,
  type FileResource,
  fileActions,
  noFileAccess,
} from "./decide-file-access.ts";
import { anonymous, type Capability, type Principal } from "./principal.ts";

const nowMs = 1000;

/** One question to the predicate. */
interface Question {
  readonly principal: Principal;
  readonly action: FileAction;
  readonly file: FileResource;
  readonly access: FileAccess;
}

const ask = ({ principal, action, file, access }: Question): FileDecision =>
  decideFileAccess(principal, action, file, access, nowMs);

/**
 * The rule once more, as a sum of rights that each say until when (0: not at all): so that it shares neither order nor shape with the
 * predicate.
 */
function allowedUntil({
  principal: { id, organisationId, capability: came },
  action,
  file,
  access,
}: Question) {
  const { state, ownerId, audience } = file;
  const always = Number.POSITIVE_INFINITY;
  const if_ = (holds: boolean, untilMs = always) => (holds ? untilMs : 0);
  const isPerson = came === undefined || (came.kind === "delegation" && JSON.stringify(came.bounds) === "{}");
  const delegatedUntil = came?.kind === "delegation" ? came.endsAtMs : always;
  const isMine = ownerId === id;
  const grants = isPerson ? access.grants.map(({ endsAtMs = always }) => endsAtMs) : [];
  const theirAlbum =
    came?.kind === "guest"
      ? came.albumId
      : came?.kind === "link" && came.target.kind === "album"
        ? came.target.id
        : undefined;
  const rights = [
    if_(isPerson && isMine),
    if_(came?.kind === "guest" && isMine && ["read", "delete"].includes(action), came?.endsAtMs),
    ...(action === "read" && state === "ready" && !(came?.kind === "guest" && isMine)
      ? [
          ...grants,
          if_(isPerson && access.albumIds.length > 0),
          if_(theirAlbum !== undefined && access.albumIds.includes(theirAlbum), came?.endsAtMs),
          if_(
            came?.kind === "link" && came.target.kind === "file" && came.target.id === file.id,
            came?.endsAtMs,
          ),
          if_(isPerson && audience?.kind === "organisation" && audience.organisationId === organisationId),
          if_(isPerson && audience?.kind === "public"),
        ]
      : []),
  ];
  const hasEnded = came !== undefined && came.endsAtMs <= nowMs;
  const untilMs = Math.max(...rights.filter((endsAtMs) => endsAtMs > nowMs), 0);
  return state === "sealed" || hasEnded ? 0 : Math.min(untilMs, delegatedUntil);
}

/** Holds an answer to the rule. */
function hold(question: Question): void {
  const { allowed, reason, endsAtMs } = ask(question);
  const untilMs = allowedUntil(question);
  const asked = () => `${JSON.stringify(question)} → ${reason}`;
  assert.equal(allowed, untilMs > 0, asked());
  assert.equal(endsAtMs, untilMs > 0 && Number.isFinite(untilMs) ? untilMs : undefined, asked());
}

const ends = [999, 1000, 1001, 2000] as const;
const organisations: readonly (string | undefined)[] = [undefined, "org", "other-org"];
const audiences: readonly (FileAudience | undefined)[] = [
  undefined,
  { kind: "organisation", organisationId: "org" },
  { kind: "public" },
];
const capabilities: readonly (Capability | undefined)[] = [
  undefined,
  ...ends.flatMap((endsAtMs): Capability[] => [
    { id: "c", endsAtMs, kind: "guest", albumId: "album" },
    { id: "c", endsAtMs, kind: "delegation", scopes: ["files:read"], bounds: {}, mintedAtMs: 1 },
    {
      id: "c",
      endsAtMs,
      kind: "delegation",
      scopes: ["uploads:write"],
      bounds: { maxFiles: 9 },
      mintedAtMs: 1,
    },
    ...(["file", "album"] as const).flatMap((kind) =>
      ["file", "album", "else"].map(
        (id): Capability => ({ id: "c", endsAtMs, kind: "link", target: { kind, id } }),
      ),
    ),
  ]),
];
const grantSets: readonly (readonly FileGrant[])[] = [
  [],
  [{ kind: "share" }],
  [{ kind: "break-glass", endsAtMs: 1001 }],
  [{ kind: "share", endsAtMs: 1000 }],
  [
    { kind: "break-glass", endsAtMs: 2000 },
    { kind: "share", endsAtMs: 1500 },
  ],
];
const albumSets: readonly (readonly string[])[] = [[], ["album"], ["other-album"], ["other-album", "album"]];

function* everyQuestion(): Generator<Question> {
  for (const id of ["owner", "somebody"])
    for (const organisationId of organisations)
      for (const capability of capabilities) {
        const principal: Principal = {
          id,
          ...(organisationId !== undefined && { organisationId }),
          ...(capability && { capability }),
        };
        for (const state of fileStates)
          for (const audience of audiences) {
            const file = { id: "file", ownerId: "owner", state, ...(audience && { audience }) };
            for (const grants of grantSets)
              for (const albumIds of albumSets)
                for (const action of fileActions)
                  yield { principal, action, file, access: { grants, albumIds } };
          }
      }
}

test("every principal may do with every file what the rule says, until when it says, and nothing else", () => {
  let count = 0;
  for (const question of everyQuestion()) {
    hold(question);
    count += 1;
  }
  assert.ok(count > 100_000, `${count} questions`);
});

const endArbitrary = fc.integer({ min: nowMs - 2, max: nowMs + 3 });
const grantArbitrary: fc.Arbitrary<FileGrant> = fc.record(
  { kind: fc.constantFrom("share" as const, "break-glass" as const), endsAtMs: endArbitrary },
  { requiredKeys: ["kind"] },
);
const questionArbitrary: fc.Arbitrary<Question> = fc.record({
  principal: fc.record(
    {
      id: fc.constantFrom("a", "b"),
      organisationId: fc.constantFrom("o", "p"),
      capability: fc.oneof(
        fc.record({
          id: fc.constant("c"),
          endsAtMs: endArbitrary,
          kind: fc.constant("guest" as const),
          albumId: fc.constantFrom("x", "y"),
        }),
        fc.record({
          id: fc.constant("c"),
          endsAtMs: endArbitrary,
          kind: fc.constant("link" as const),
          target: fc.record({
            kind: fc.constantFrom("file" as const, "album" as const),
            id: fc.constantFrom("x", "y"),
          }),
        }),
      ),
    },
    { requiredKeys: ["id"] },
  ),
  action: fc.constantFrom(...fileActions),
  file: fc.record(
    {
      id: fc.constantFrom("x", "y"),
      ownerId: fc.constantFrom("a", "b"),
      state: fc.constantFrom(...fileStates),
      audience: fc.constantFrom<FileAudience[]>(
        { kind: "public" },
        { kind: "organisation", organisationId: "o" },
      ),
    },
    { requiredKeys: ["id", "ownerId", "state"] },
  ),
  access: fc.record({
    grants: fc.array(grantArbitrary, { maxLength: 4 }),
    albumIds: fc.subarray(["x", "y"]),
  }),
});

test("however many rights somebody has, and whenever they end, it is the rule", () => {
  fc.assert(fc.property(questionArbitrary, hold), { numRuns: 2000 });
});

test("nobody may do anything with what is sealed", () => {
  fc.assert(
    fc.property(questionArbitrary, (question) => {
      const { allowed, reason } = ask({ ...question, file: { ...question.file, state: "sealed" } });
      assert.deepEqual({ allowed, reason }, { allowed: false, reason: "sealed" });
    }),
  );
});

test("whatever is taken away, nobody may do more than before", () => {
  fc.assert(
    fc.property(questionArbitrary, (question) => {
      if (ask(question).allowed) return;
      assert.equal(ask({ ...question, access: noFileAccess }).allowed, false);
      const { audience, ...file } = question.file;
      assert.equal(ask({ ...question, file }).allowed, false);
    }),
  );
});

const readyFile: FileResource = { id: "file", ownerId: "owner", state: "ready" };
const guest = (endsAtMs: number): Capability => ({ id: "c", kind: "guest", albumId: "album", endsAtMs });
const linkTo = (kind: "file" | "album", id: string, endsAtMs = 2000): Capability => ({
  id: "c",
  kind: "link",
  target: { kind, id },
  endsAtMs,
});
const shownTo = (audience: FileAudience): FileResource => ({ ...readyFile, audience });

const answers: readonly (readonly [string, Partial<Question>, FileDecision])[] = [
  [
    "an owner does all, also in the trash",
    { principal: { id: "owner" }, action: "delete", file: { ...readyFile, state: "trashed" } },
    { allowed: true, reason: "owner" },
  ],
  ["a stranger reads nothing", {}, { allowed: false, reason: "not-shared" }],
  ["nobody without a token reads it", { principal: anonymous }, { allowed: false, reason: "not-shared" }],
  [
    "whom it was shared with reads it",
    { access: { grants: [{ kind: "share" }], albumIds: [] } },
    { allowed: true, reason: "granted" },
  ],
  [
    "and changes nothing",
    { action: "change", access: { grants: [{ kind: "share" }], albumIds: [] } },
    { allowed: false, reason: "others-only-read" },
  ],
  [
    "a share that ended is said to have ended",
    { access: { grants: [{ kind: "share", endsAtMs: nowMs }], albumIds: [] } },
    { allowed: false, reason: "ended" },
  ],
  [
    "broken glass ends when it ends",
    { access: { grants: [{ kind: "break-glass", endsAtMs: 1500 }], albumIds: [] } },
    { allowed: true, reason: "break-glass", endsAtMs: 1500 },
  ],
  [
    "a share of the same end is told before broken glass",
    {
      access: {
        grants: [
          { kind: "break-glass", endsAtMs: 1500 },
          { kind: "share", endsAtMs: 1500 },
        ],
        albumIds: [],
      },
    },
    { allowed: true, reason: "granted", endsAtMs: 1500 },
  ],
  [
    "an album without end outlasts a share with one",
    { access: { grants: [{ kind: "share", endsAtMs: 1500 }], albumIds: ["album"] } },
    { allowed: true, reason: "album" },
  ],
  [
    "the share is told before the album where both are without end",
    { access: { grants: [{ kind: "share" }], albumIds: ["album"] } },
    { allowed: true, reason: "granted" },
  ],
  [
    "a colleague reads what is shown to their organisation",
    {
      principal: { id: "somebody", organisationId: "org" },
      file: shownTo({ kind: "organisation", organisationId: "org" }),
    },
    { allowed: true, reason: "organisation" },
  ],
  [
    "somebody of no organisation does not",
    { file: shownTo({ kind: "organisation", organisationId: "org" }) },
    { allowed: false, reason: "not-shared" },
  ],
  [
    "everyone reads what is public, without a token too",
    { principal: anonymous, file: shownTo({ kind: "public" }) },
    { allowed: true, reason: "public" },
  ],
  [
    "but not while it is in the trash",
    { file: { ...shownTo({ kind: "public" }), state: "trashed" } },
    { allowed: false, reason: "not-ready" },
  ],
  [
    "nor while it is quarantined",
    { file: { ...shownTo({ kind: "public" }), state: "quarantined" } },
    { allowed: false, reason: "not-ready" },
  ],
  [
    "a link opens its file",
    { principal: { id: "link", capability: linkTo("file", "file") } },
    { allowed: true, reason: "link", endsAtMs: 2000 },
  ],
  [
    "a link opens its album's files",
    {
      principal: { id: "link", capability: linkTo("album", "album") },
      access: { grants: [], albumIds: ["album"] },
    },
    { allowed: true, reason: "link", endsAtMs: 2000 },
  ],
  [
    "a link to what is public ends like any other",
    {
      principal: { id: "link", capability: linkTo("file", "file") },
      file: shownTo({ kind: "public" }),
    },
    { allowed: true, reason: "link", endsAtMs: 2000 },
  ],
  [
    "a link opens nothing else that is public",
    {
      principal: { id: "link", capability: linkTo("file", "other") },
      file: shownTo({ kind: "public" }),
    },
    { allowed: false, reason: "not-shared" },
  ],
  [
    "nor does what a guest has",
    { principal: { id: "guest", capability: guest(1500) }, file: shownTo({ kind: "public" }) },
    { allowed: false, reason: "not-shared" },
  ],
  [
    "what is public does not help a link that ended",
    {
      principal: { id: "link", capability: linkTo("file", "file", nowMs) },
      file: shownTo({ kind: "public" }),
    },
    { allowed: false, reason: "ended" },
  ],
  [
    "a guest reads the files of their album",
    {
      principal: { id: "guest", capability: guest(1500) },
      access: { grants: [], albumIds: ["album"] },
    },
    { allowed: true, reason: "guest", endsAtMs: 1500 },
  ],
  [
    "and no other's of an album of the same person",
    {
      principal: { id: "guest", capability: guest(1500) },
      access: { grants: [], albumIds: ["other-album"] },
    },
    { allowed: false, reason: "not-shared" },
  ],
  [
    "a guest deletes what they sent",
    { principal: { id: "owner", capability: guest(1500) }, action: "delete" },
    { allowed: true, reason: "guest", endsAtMs: 1500 },
  ],
  [
    "and shares it with nobody",
    { principal: { id: "owner", capability: guest(1500) }, action: "share" },
    { allowed: false, reason: "others-only-read" },
  ],
  [
    "and reads it no longer once their right has ended",
    { principal: { id: "owner", capability: guest(nowMs) } },
    { allowed: false, reason: "ended" },
  ],
];

for (const [what, question, expected] of answers)
  test(what, () => {
    const stranger: Question = {
      principal: { id: "somebody" },
      action: "read",
      file: readyFile,
      access: noFileAccess,
    };
    assert.deepEqual(ask({ ...stranger, ...question }), expected);
  });

test("what somebody may do with a file is told whole", () => {
  const all = ["read", "history", "change", "share", "delete"];
  const may = (principal: Principal, access = noFileAccess) =>
    allowedFileActions(principal, readyFile, access, nowMs);
  assert.deepEqual(fileActions, all);
  assert.deepEqual(may({ id: "owner" }), all);
  assert.deepEqual(may({ id: "somebody" }, { grants: [{ kind: "share" }], albumIds: [] }), ["read"]);
  assert.deepEqual(may({ id: "owner", capability: guest(1500) }), ["read", "delete"]);
  assert.deepEqual(may({ id: "somebody" }), []);
});
