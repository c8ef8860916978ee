import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { reconcile } from "@stowage/core";
import { holdBytes } from "./hold-downloads.testing.ts";
import { isOpen } from "./lifecycle-model.testing.ts";
import type { LifecycleRun } from "./lifecycle-run.testing.ts";

const minute = 60;
const day = 24 * 3600;

/** Claims of one upload that fail before it is given up, and one more. */
const rounds = 7;

/**
 * Lets everything come to its end: first while what sleeps still sleeps, then after it has woken, days too late. Then
 * nothing is stuck, nothing is left over, and the counters are exact.
 */
export async function heal(run: LifecycleRun): Promise<void> {
  run.isHealing = true;
  await settle(run);
  holdEnds(run);
  if (run.sleepers.length > 0) {
    while (run.sleepers.length > 0) await run.take({ do: "wake", index: 0 });
    await settle(run);
    holdEnds(run);
  }
  for (const file of run.model.files)
    if (file.state === "ready") for (const version of file.versions) await holdBytes(run, file, version);
  await holdTimelines(run);
  await holdReconciled(run);
}

async function settle(run: LifecycleRun): Promise<void> {
  await verifyAll(run);
  await makeAll(run);
  await run.take({ do: "sweep" });
  await run.take({ do: "wait", seconds: 12 * minute });
  await run.take({ do: "sweep" });
  await verifyAll(run);
  await run.take({ do: "wait", seconds: 7 * day });
  await run.take({ do: "sweep" });
  await run.take({ do: "wait", seconds: day + minute });
  await run.take({ do: "sweep" });
  await run.take({ do: "reconcile" });
}

async function verifyAll(run: LifecycleRun): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    while ((await run.take({ do: "work", away: false })) !== "idle");
    if (!run.model.uploads.some(({ state }) => state === "uploaded" || state === "verifying")) return;
    await run.take({ do: "wait", seconds: 2 * minute });
  }
}

async function makeAll(run: LifecycleRun): Promise<void> {
  const waits = () => run.model.makes.some(({ state }) => state === "waiting");
  for (let round = 0; round < rounds && waits(); round += 1) {
    while ((await run.take({ do: "make", away: false })) !== "idle");
    if (waits()) await run.take({ do: "wait", seconds: 2 * minute });
  }
}

function holdEnds({ model }: LifecycleRun): void {
  for (const upload of model.uploads) {
    assert.ok(!isOpen(upload), `${upload.id} is stuck: ${upload.state}`);
    if (upload.isAcknowledged)
      assert.ok(
        upload.state === "ready" || upload.state === "rejected",
        `${upload.id} was acknowledged, and is ${upload.state}`,
      );
    assert.ok(!upload.isReserved, `${upload.id} still reserves its size`);
  }
  assert.ok(!model.makes.some(({ state }) => state === "waiting"), "a derivative is stuck");
  assert.deepEqual([...model.objects.keys()].sort(), model.keysOfFiles().sort(), "what is left in the store");
  assert.equal(model.multiparts.size, 0, "multiparts that are left");
  assert.equal(model.doomed.size, 0, "keys that are doomed for ever");
}

/** Where what was to replace has ended up, the timeline says. */
async function holdTimelines({ machine: { metadata }, model }: LifecycleRun): Promise<void> {
  for (const { id, placed } of model.uploads) {
    if (placed === undefined) continue;
    const last = (await metadata.listUploadEvents(id)).at(-1);
    assert.equal(last?.type, "ready");
    assert.ok(last.detail.includes(placed), `${id} is ${placed}, and its timeline says: ${last.detail}`);
  }
}

const newSha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
};

/** The product's own check, reading every object whole, has nothing to say. */
async function holdReconciled({ machine, model }: LifecycleRun): Promise<void> {
  const services = machine.services(machine, model.limits[0]);
  await reconcile(services, {
    deep: { newSha256 },
    dryRun: true,
    onFinding: (finding) => assert.fail(`reconcile finds ${JSON.stringify(finding)}`),
  });
}
