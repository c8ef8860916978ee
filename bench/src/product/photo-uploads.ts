import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { at } from "../load/at.ts";
import type { Body } from "../load/bodies.ts";
import { withConnections } from "../load/http-connection.ts";
import type { Run } from "../load/measure-run.ts";
import { cpuMillisecondsOf, startTreeClock } from "../load/process-cpu.ts";
import { runLanes } from "../load/run-lanes.ts";
import { type ApiCalls, apiCalls, putHead } from "./api-calls.ts";
import { type Stowage, startStowage } from "./start-stowage.ts";

/** Uploads of photographs, at a product that verifies them. */
export interface PhotoUploads {
  /** Create, PUT, complete and wait until it is ready, `photoLanes` at a time. */
  upload(bodies: readonly Body[], round: string): Promise<Run>;
  /** The worker by itself: all is uploaded while it is stopped (SIGSTOP); then it verifies what is there. */
  verify(bodies: readonly Body[], round: string): Promise<Run>;
  stop(): Promise<void>;
}

export const photoLanes = 8;

/** A fraction of the time that a photograph waits for those before it. */
const pollMs = 200;

interface Sent {
  readonly id: string;
  readonly lane: number;
}

export async function startPhotoUploads(directory: string): Promise<PhotoUploads> {
  const stowage = await startStowage(join(directory, "stowage"));
  const tokens: string[] = [];
  for (let lane = 0; lane < photoLanes; lane += 1)
    tokens.push(await stowage.addPerson(`person${lane}@example.test`));

  /** Creates, sends and completes photographs. */
  const send = (
    bodies: readonly Body[],
    round: string,
    onSent: (sent: Sent, api: ApiCalls) => Promise<void>,
  ): Promise<void> =>
    withConnections(stowage.api, photoLanes, (toApi) =>
      withConnections(stowage.bucket, photoLanes, (toBucket) =>
        runLanes(photoLanes, bodies.length, async (index, lane) => {
          const api = apiCalls(at(toApi, lane), stowage.api, at(tokens, lane));
          const body = at(bodies, index);
          const [created] = await api.create([body], [`${round}-${index}`]);
          if (!created) throw new Error("Nothing was created");
          const head = putHead(created.transfer.request, body.bytes.length);
          const { status } = await at(toBucket, lane).send({ head, body: body.bytes });
          if (status !== 200) throw new Error(`PUT: ${status}`);
          await api.complete(created.id);
          await onSent({ id: created.id, lane }, api);
        }),
      ),
    );

  /** Resolves with the seconds from the first that the worker took up to the last that was ready, by the timelines. */
  const waitForAll = (sent: readonly Sent[]): Promise<number> =>
    withConnections(stowage.api, 1, async (connections) => {
      const times = [];
      for (const { id, lane } of sent.toReversed()) {
        const api = apiCalls(at(connections, 0), stowage.api, at(tokens, lane));
        await untilReady(api, id);
        const events = await api.eventsOf(id);
        const timeOf = (wanted: string): number =>
          events.find(({ type }) => type === wanted)?.atMs ?? Number.NaN;
        times.push({ from: timeOf("verifying"), to: timeOf("ready") });
      }
      return (Math.max(...times.map(({ to }) => to)) - Math.min(...times.map(({ from }) => from))) / 1000;
    });

  return {
    async upload(bodies, round) {
      const cpu = startCpuClock(stowage);
      const startedAt = performance.now();
      await send(bodies, round, ({ id }, api) => untilReady(api, id));
      return runOf(bodies.length, (performance.now() - startedAt) / 1000, cpu());
    },
    async verify(bodies, round) {
      const sent: Sent[] = [];
      const worker = stowage.pidOf("worker");
      process.kill(worker, "SIGSTOP");
      try {
        await send(bodies, round, async (upload) => void sent.push(upload));
      } finally {
        process.kill(worker, "SIGCONT");
      }
      const cpu = startCpuClock(stowage);
      const seconds = await waitForAll(sent);
      return runOf(bodies.length, seconds, cpu());
    },
    stop: () => stowage.stop(),
  };
}

async function untilReady(api: ApiCalls, id: string): Promise<void> {
  for (let state = await api.stateOf(id); state !== "ready"; state = await api.stateOf(id)) {
    if (state === "rejected") throw new Error(`Upload ${id} was rejected`);
    await delay(pollMs);
  }
}

/** Of all the server's processes; those that decode count as the worker. */
function startCpuClock(stowage: Stowage): () => Record<string, number> {
  const alone = new Map((["api", "bucket"] as const).map((name) => [name, stowage.pidOf(name)]));
  const before = new Map([...alone].map(([name, pid]) => [name, cpuMillisecondsOf([pid])]));
  const worker = startTreeClock(stowage.pidOf("worker"));
  return () => {
    worker.stop();
    const used = [...alone].map(([name, pid]) => [name, cpuMillisecondsOf([pid]) - (before.get(name) ?? 0)]);
    return { ...Object.fromEntries(used), worker: worker.milliseconds() };
  };
}

function runOf(count: number, seconds: number, cpuMs: Readonly<Record<string, number>>): Run {
  const cpuMsByName = Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, ms / count]));
  const serverCpuMs = Object.values(cpuMsByName).reduce((sum, ms) => sum + ms, 0);
  return { count, seconds, perSecond: count / seconds, serverCpuMs, cpuMsByName, loadCpuMs: 0 };
}
