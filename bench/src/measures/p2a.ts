import { join } from "node:path";
import { at } from "../load/at.ts";
import { bodyContentType, makeBodies } from "../load/bodies.ts";
import { requestHead, withConnections } from "../load/http-connection.ts";
import { measureRun, type Run } from "../load/measure-run.ts";
import { runLanes } from "../load/run-lanes.ts";
import { startPlainNode } from "../peers/plain-node.ts";
import { apiCalls, putHead } from "../product/api-calls.ts";
import { startStowage } from "../product/start-stowage.ts";
import { type Measure, sideBySide } from "./measure.ts";

const lanes = 8;
const sizeBytes = 2 * 1024 * 1024;
const distinctBodies = 64;

/** Create, PUT of 2 MB and complete, against plain `node:http` that syncs the same bytes. */
export const p2a: Measure = {
  name: "p2a",
  async run(bench) {
    const bodies = makeBodies(distinctBodies, sizeBytes);
    const count = bench.filesPerRun;
    const stowage = await startStowage(join(bench.directory, "stowage"), ["worker.concurrency=0"]);
    const plain = await startPlainNode(join(bench.directory, "plain"));
    try {
      const tokens: string[] = [];
      for (let lane = 0; lane < lanes; lane += 1)
        tokens.push(await stowage.addPerson(`person${lane}@example.test`));

      const upload = (round: string): Promise<Run> =>
        withConnections(stowage.api, lanes, (toApi) =>
          withConnections(stowage.bucket, lanes, (toBucket) => {
            const people = tokens.map((token, lane) => ({
              api: apiCalls(at(toApi, lane), stowage.api, token),
              bucket: at(toBucket, lane),
            }));
            return measureRun(count, processes, () =>
              runLanes(lanes, count, async (index, lane) => {
                const { api, bucket } = at(people, lane);
                const body = at(bodies, index % distinctBodies);
                const [created] = await api.create([body], [`${round}-${index}`]);
                if (!created) throw new Error("Nothing was created");
                const head = putHead(created.transfer.request, sizeBytes);
                const { status } = await bucket.send({ head, body: body.bytes });
                if (status !== 200) throw new Error(`PUT: ${status}`);
                await api.complete(created.id);
              }),
            );
          }),
        );

      const send = (round: string): Promise<Run> =>
        withConnections(plain.origin, lanes, (connections) =>
          measureRun(count, plain.processes, () =>
            runLanes(lanes, count, async (index, lane) => {
              const head = requestHead("PUT", `${plain.origin}/r${round}n${index}`, {
                "content-type": bodyContentType,
                "content-length": String(sizeBytes),
              });
              const { bytes } = at(bodies, index % distinctBodies);
              const { status } = await at(connections, lane).send({ head, body: bytes });
              if (status !== 201) throw new Error(`PUT: ${status}`);
            }),
          ),
        );

      const processes = Object.fromEntries(
        ["api", "bucket", "worker"].map((name) => [name, [stowage.pidOf(name)]]),
      );
      const rounds = await sideBySide(bench, "P2a", {
        product: upload,
        peer: send,
      });
      return [
        {
          name: "P2a: create + PUT 2 MB + complete, worker paused",
          peer: "plain node:http streaming to a synced file",
          bar: 0.6,
          goal: 0.75,
          concurrency: lanes,
          rounds,
        },
      ];
    } finally {
      await Promise.all([stowage.stop(), plain.stop()]);
    }
  },
};
