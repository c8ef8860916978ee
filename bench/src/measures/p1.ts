import { join } from "node:path";
import { createRequests } from "../load/create-requests.ts";
import type { Run } from "../load/measure-run.ts";
import { sendPrepared } from "../load/send-prepared.ts";
import { startBareFastify } from "../peers/bare-fastify.ts";
import { lanes, startManyPeople } from "../product/many-people.ts";
import { type Measure, sideBySide } from "./measure.ts";

const filesInBatch = 100;

const defaultCreates = 8000;
/** Of the peer's requests there have to be more, so that they take long enough to be measured. */
const peerRequestsPerCreate = 4;

/** Above this the disk decides over creates a second, and their CPU alone is held to its bar. */
const fastDiskMs = 0.3;

/** Creates by a thousand people, durable, against a JSON POST to bare Fastify; and in batches, against one by one. */
export const p1: Measure = {
  name: "p1",
  async run(bench) {
    const { creates = defaultCreates, fdatasyncMs } = bench;
    const people = await startManyPeople(join(bench.directory, "stowage"));
    const { create, tokens, answerBytes } = people;
    const bare = await startBareFastify(answerBytes);
    try {
      const one = await sideBySide(bench, "P1", {
        product: () => create(creates, 1),
        peer: () => {
          const { origin, pid } = bare;
          const count = creates * peerRequestsPerCreate;
          const requests = createRequests({ origin, tokens, count, filesEach: 1 });
          const processes = { "bare Fastify": [pid] };
          return sendPrepared({ origin, processes, lanes, requests, expected: { status: 201 } });
        },
      });
      const batches = await sideBySide(bench, "P1 in batches", {
        product: async () => perFile(await create(Math.ceil(creates / filesInBatch), filesInBatch)),
        peer: () => create(creates / 2, 1),
      });
      const isFastDisk = fdatasyncMs <= fastDiskMs;
      const noBar = isFastDisk ? "" : `; above ${fastDiskMs} ms, so that there is no bar for the rate`;
      return [
        {
          name: "P1: create of one file, durable, by 1,000 people",
          peer: `bare Fastify, JSON POST with an answer of ${answerBytes} bytes`,
          ...(isFastDisk && { bar: 0.2, goal: 0.3 }),
          cpuBar: 1 / 5,
          cpuGoal: 1 / 4,
          concurrency: lanes,
          rounds: one,
          remarks: [
            `fdatasync of 4 KiB on that disk: ${fdatasyncMs.toFixed(2)} ms, the median of 50${noBar}.`,
          ],
        },
        {
          name: `P1: creates in batches of ${filesInBatch}, for each file`,
          peer: "the same one by one",
          cpuBar: filesInBatch / 45,
          concurrency: lanes,
          rounds: batches,
        },
      ];
    } finally {
      await Promise.all([people.stop(), bare.stop()]);
    }
  },
};

/** A run of batches, counted in files. */
const perFile = (run: Run): Run => ({
  ...run,
  count: run.count * filesInBatch,
  perSecond: run.perSecond * filesInBatch,
  serverCpuMs: run.serverCpuMs / filesInBatch,
  cpuMsByName: Object.fromEntries(
    Object.entries(run.cpuMsByName).map(([name, ms]) => [name, ms / filesInBatch]),
  ),
  loadCpuMs: run.loadCpuMs / filesInBatch,
});
