import { join } from "node:path";
import { at } from "../load/at.ts";
import { createRequests } from "../load/create-requests.ts";
import { withConnections } from "../load/http-connection.ts";
import type { Run } from "../load/measure-run.ts";
import { sendPrepared } from "../load/send-prepared.ts";
import { startBareFastify } from "../peers/bare-fastify.ts";
import { startStowage } from "../product/start-stowage.ts";
import { startTokenIssuer } from "../product/token-issuer.ts";
import { type Figure, type Measure, sideBySide } from "./measure.ts";

const people = 1000;
const lanes = 50;
const filesInBatch = 100;

const defaultCreates = 8000;
/** Of the peer's requests there have to be more, so that they take long enough to be measured. */
const peerRequestsPerCreate = 4;

/** What one person may do, raised so high that nobody gets there; each is counted as ever. */
const raised = [
  "limits.createsPerMinute=1000000000",
  "limits.openUploads=1000000000",
  "limits.quotaBytes=1000000000000000",
];

/** Above this the disk decides over creates a second, and their CPU alone is held to its bar. */
const fastDiskMs = 0.3;

/** Creates by a thousand people, durable, against a JSON POST to bare Fastify; and in batches, against one by one. */
export const p1: Measure = {
  name: "p1",
  async run(bench) {
    const { creates = defaultCreates } = bench;
    const issuer = await startTokenIssuer();
    const tokens = Array.from({ length: people }, (_, index) => issuer.tokenOf(`person${index}`));
    const stowage = await startStowage(join(bench.directory, "stowage"), [...raised, issuer.setting]);
    const origin = stowage.api;
    const api = { api: [stowage.pidOf("api")] };

    const create = (label: string, count: number, filesEach: number): Promise<Run> => {
      const requests = createRequests({ origin, tokens, count, filesEach, label });
      return sendPrepared({ origin, processes: api, lanes, requests, expected: { status: 201 } });
    };
    // Everybody has been here before: their rows are there.
    await create("first", people, 1);
    const answerBytes = await withConnections(origin, 1, async (connections) => {
      const request = at(createRequests({ origin, tokens, count: 1, filesEach: 1, label: "size" }), 0);
      return (await at(connections, 0).send(request)).bodyBytes;
    });
    const bare = await startBareFastify(answerBytes);
    try {
      const one = await sideBySide(bench, "P1", {
        product: (round) => create(`one-${round}`, creates, 1),
        peer: (round) => {
          const count = creates * peerRequestsPerCreate;
          const shape = { origin: bare.origin, tokens, count, filesEach: 1, label: round };
          const requests = createRequests(shape);
          const processes = { "bare Fastify": [bare.pid] };
          return sendPrepared({ origin: bare.origin, processes, lanes, requests, expected: { status: 201 } });
        },
      });
      const batches = await sideBySide(bench, "P1 in batches", {
        product: async (round) =>
          perFile(await create(`batch-${round}`, Math.ceil(creates / filesInBatch), filesInBatch)),
        peer: (round) => create(`single-${round}`, creates / 2, 1),
      });
      const isFastDisk = bench.fdatasyncMs <= fastDiskMs;
      const figures: Figure[] = [
        {
          name: "P1: create of one file, durable, by 1,000 people",
          peer: `bare Fastify, JSON POST with an answer of ${answerBytes} bytes`,
          ...(isFastDisk && { bar: 0.2, goal: 0.3 }),
          cpuBar: 1 / 5,
          cpuGoal: 1 / 4,
          concurrency: lanes,
          rounds: one,
          remarks: [
            `fdatasync of 4 KiB on that disk: ${bench.fdatasyncMs.toFixed(2)} ms, the median of 50${isFastDisk ? "" : `; above ${fastDiskMs} ms, so that there is no bar for the rate`}.`,
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
      return figures;
    } finally {
      await Promise.all([stowage.stop(), bare.stop()]);
      issuer.stop();
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
