import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedError } from "../refusal.ts";
import { createMemoryMetadataStore } from "../testing/memory-metadata-store.ts";
import { createLink } from "./create-link.ts";
import { forgetEndedRights } from "./forget-ended-rights.ts";
import { createOneMachine } from "./one-machine.testing.ts";
import { openLink } from "./open-link.ts";

const codeOf = async (run: Promise<unknown>): Promise<string | undefined> => {
  try {
    await run;
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error.code;
    throw error;
  }
};

test("what is sealed gets no link: its owner hears why, anybody else that there is nothing", async () => {
  const { services, person } = createOneMachine();
  const ann = await person("ann");
  const sealed = { id: "sealed", ownerId: ann.id, state: "sealed" };
  const metadata = { ...services.metadata, findFile: async () => sealed as never };
  const make = (principal: Parameters<typeof createLink>[1]) =>
    codeOf(createLink({ ...services, metadata }, principal, { kind: "file", id: "sealed" }, {}));
  assert.equal(await make(ann), "sealed");
  assert.equal(await make(await person("bob")), "not-found");
  const endsAtMs = services.clock.nowMs() + 1000;
  for (const capability of [
    { id: "right", kind: "guest", albumId: "album", endsAtMs },
    { id: "right", kind: "link", target: { kind: "file", id: "sealed" }, endsAtMs },
  ] as const)
    assert.equal(await make({ ...ann, capability }), "not-found");
});

test("a passphrase is not looked at while a link is locked, and what is gone meanwhile is nothing", async () => {
  const { services } = createOneMachine();
  const passphrases = { ...services.passphrases, isRight: () => assert.fail("it costs a hash") };
  const store = createMemoryMetadataStore({ clock: services.clock });
  const link = {
    id: "link",
    target: { kind: "file", id: "file" },
    createdBy: "ann",
    createdAtMs: 0,
    endsAtMs: services.clock.nowMs() + 1000,
    hasPassphrase: true,
    opens: 0,
  } as const;
  const lockedUntilMs = services.clock.nowMs() + 500;
  const found = { link, passphraseHash: "kept", lockedUntilMs };
  const open = (metadata: object, passphrase = "right one") =>
    codeOf(
      openLink(
        { ...services, passphrases, metadata: { ...store, ...metadata } },
        { token: "token", passphrase },
      ),
    );
  assert.equal(await open({ findLinkToOpen: async () => found }), "rate-limited");
  assert.equal(await open({ findLinkToOpen: async () => ({ link }) }), "not-found");
});

test("the sweeper forgets rights that have ended at once, and links a month after their end", async () => {
  const { services, person, advance } = createOneMachine();
  const ann = await person("ann");
  const forgotten: string[] = [];
  const dayMs = 86_400_000;
  const metadata = {
    ...services.metadata,
    forgetEndedLinks: async ({ endedBeforeMs }: { endedBeforeMs: number }) => {
      forgotten.push(`links before ${(services.clock.nowMs() - endedBeforeMs) / dayMs} days`);
      return 0;
    },
  };
  await services.metadata.mintCapability({
    kind: "guest",
    id: "right",
    principalId: ann.id,
    albumId: "album",
    scopes: [],
    endsAtMs: services.clock.nowMs() + 10,
  });
  advance(10);
  await forgetEndedRights({ ...services, metadata });
  assert.deepEqual(forgotten, ["links before 30 days"]);
  assert.equal(await services.metadata.forgetEndedCapabilities(10), 0);
});
