import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createAuditVerification } from "../audit/verify-audit.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { createManualClock } from "../ports/metadata-store-case.contract.ts";
import { createMemoryMetadataStore } from "../testing/memory-metadata-store.ts";
import { linkAuditEvents, sequencerLeaseMs } from "./link-audit-events.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const denied = { actor: "anonymous", action: "access.denied", targetId: "x" } as const;

async function assertWhole(metadata: MetadataStore, count: number): Promise<void> {
  const verification = createAuditVerification({ sha256, checkpoints: [] });
  for (const event of await metadata.listAuditEvents({ afterSequence: 0, limit: 1000 }))
    verification.add(event);
  const { faults, eventCount, unchainedCount } = verification.end({
    heads: await metadata.listAuditChainHeads(),
  });
  assert.deepEqual(
    { faults, eventCount, unchainedCount },
    { faults: [], eventCount: count, unchainedCount: 0 },
  );
}

test("links all that waits, in batches, and then writes nothing", async () => {
  const metadata = createMemoryMetadataStore({ clock: createManualClock() });
  await metadata.addAuditEvents(Array.from({ length: 25 }, () => denied));
  assert.equal(await linkAuditEvents({ metadata }, { sha256, sequencerId: "a", batch: 10 }), 25);
  const counting = { ...metadata, takeUnchainedAuditEvents: () => assert.fail("it only looks") };
  assert.equal(await linkAuditEvents({ metadata: counting }, { sha256, sequencerId: "a" }), 0);
  await assertWhole(metadata, 25);
});

test("leaves to another what that one has the lease of, and goes on where it died between taking and linking", async () => {
  const clock = createManualClock();
  const metadata = createMemoryMetadataStore({ clock });
  await metadata.addAuditEvents(Array.from({ length: 25 }, () => denied));
  const dying: MetadataStore = {
    ...metadata,
    linkAuditEvents: (command) => {
      if ((command.links[0]?.sequence ?? 0) > 1) throw new Error("killed");
      return metadata.linkAuditEvents(command);
    },
  };
  await assert.rejects(
    linkAuditEvents({ metadata: dying }, { sha256, sequencerId: "a", batch: 10 }),
    /killed/,
  );
  assert.equal(await linkAuditEvents({ metadata }, { sha256, sequencerId: "b" }), 0);
  clock.advance(sequencerLeaseMs);
  assert.equal(await linkAuditEvents({ metadata }, { sha256, sequencerId: "b" }), 15);
  await assertWhole(metadata, 25);
});

test("two sequencers at once give each event one link", async () => {
  const clock = createManualClock();
  const metadata = createMemoryMetadataStore({ clock });
  await metadata.addAuditEvents(Array.from({ length: 60 }, () => denied));
  // The lease of each is past as soon as it is given.
  const late: MetadataStore = {
    ...metadata,
    takeUnchainedAuditEvents: async (command) => {
      const taken = await metadata.takeUnchainedAuditEvents(command);
      clock.advance(sequencerLeaseMs);
      return taken;
    },
  };
  for (let round = 0; round < 60; round += 1)
    await Promise.all(
      ["a", "b", "c"].map((sequencerId) =>
        linkAuditEvents({ metadata: late }, { sha256, sequencerId, batch: 7 }),
      ),
    );
  await assertWhole(metadata, 60);
});

test("stops between two batches where it is told to", async () => {
  const metadata = createMemoryMetadataStore({ clock: createManualClock() });
  await metadata.addAuditEvents(Array.from({ length: 25 }, () => denied));
  const stop = new AbortController();
  const stopping: MetadataStore = {
    ...metadata,
    linkAuditEvents: (command) => {
      stop.abort();
      return metadata.linkAuditEvents(command);
    },
  };
  const o = { sha256, sequencerId: "a", batch: 10, signal: stop.signal };
  assert.equal(await linkAuditEvents({ metadata: stopping }, o), 10);
});
