import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type HeapInspector, inspectHeap } from "../load/inspect-heap.ts";
import { residentBytesOf } from "../load/resident-memory.ts";
import { startBareFastify } from "../peers/bare-fastify.ts";
import { createMany, startManyPeople } from "../product/many-people.ts";
import { startStowage } from "../product/start-stowage.ts";
import type { Bench, Measure } from "./measure.ts";

const defaultCreates = 100_000;
/** Of the creates, how many come before anything is counted. */
const warmUpShare = 0.2;
/** A process that has just started still compiles, and gives memory back. */
const settleMs = 3000;
const megabyte = 1e6;

/** What the API process keeps: of creates that are done with, and while nobody asks anything of it. */
export const p7: Measure = {
  name: "p7",
  async run(bench) {
    const { creates = defaultCreates } = bench;
    const { growth, remark } = await measureGrowth(bench, creates);
    const idle = await measureIdle(bench);
    return [
      {
        name: `P7: heap of the API process after ${creates} creates`,
        peer: `the same after ${creates * warmUpShare} before them`,
        unit: "MB",
        most: 5,
        amounts: [growth],
        remarks: [remark],
      },
      {
        name: "P7: resident memory of the API process, idle",
        peer: "bare Fastify, idle",
        unit: "MB",
        most: 80,
        amounts: idle.map(({ product, peer }) => product - peer),
        remarks: [
          `Idle, in MB: ${idle.map(({ product, peer }) => `${product.toFixed(0)} and bare Fastify ${peer.toFixed(0)}`).join("; ")}.`,
        ],
      },
    ];
  },
};

async function measureGrowth(
  { directory, say }: Bench,
  creates: number,
): Promise<{ readonly growth: number; readonly remark: string }> {
  const people = await startManyPeople(join(directory, "growth"));
  const pid = people.stowage.pidOf("api");
  let heap: HeapInspector | undefined;
  try {
    heap = await inspectHeap(pid);
    const heapMegabytes = async (): Promise<number> => ((await heap?.heapAfterCollections()) ?? 0) / megabyte;
    await createMany(people, creates * warmUpShare);
    const before = await heapMegabytes();
    const seen = [before];
    // In quarters, so that a growth which goes on looks other than a cache that fills.
    for (let quarter = 0; quarter < 4; quarter += 1) {
      await createMany(people, creates / 4);
      seen.push(await heapMegabytes());
      say(
        `P7, after ${creates * (warmUpShare + (quarter + 1) / 4)} creates: heap ${seen.at(-1)?.toFixed(1)} MB`,
      );
    }
    const resident = residentBytesOf(pid) / megabyte;
    return {
      growth: (seen.at(-1) ?? 0) - before,
      remark: `Heap in MB before, and after each quarter of the creates: ${seen.map((each) => each.toFixed(1)).join(", ")}. Resident at the end: ${resident.toFixed(0)} MB.`,
    };
  } finally {
    heap?.close();
    await people.stop();
  }
}

/** Megabytes of each side, freshly started, in turn. */
async function measureIdle({ directory, rounds, say }: Bench) {
  const idle: { readonly product: number; readonly peer: number }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const stowage = await startStowage(join(directory, `idle-${round}`));
    const bare = await startBareFastify(1000);
    try {
      await delay(settleMs);
      const product = residentBytesOf(stowage.pidOf("api")) / megabyte;
      const peer = residentBytesOf(bare.pid) / megabyte;
      idle.push({ product, peer });
      say(`P7, idle, round ${round}: ${product.toFixed(1)} MB, bare Fastify ${peer.toFixed(1)} MB`);
    } finally {
      await Promise.all([stowage.stop(), bare.stop()]);
    }
  }
  return idle;
}
