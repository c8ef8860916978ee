import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureProgram, type ProgramRun } from "../load/measure-program.ts";
import { writeVideoFile } from "../load/video-file.ts";
import { startStowage } from "../product/start-stowage.ts";
import { type Measure, sideBySide } from "./measure.ts";

const megabytes = 1000;
const partBytes = 8 * 1024 * 1024;
const partsInFlight = 4;
/** Of memory above idle: all parts in flight, and so much more. */
const memoryBarBytes = partsInFlight * partBytes + 20_000_000;

const libStoragePut = fileURLToPath(new URL("../peers/lib-storage-put.ts", import.meta.url));

/** `stowage put` of 1 GB against `@aws-sdk/lib-storage`, both in parts with SHA-256, programs from start to end. */
export const p5: Measure = {
  name: "p5",
  async run(bench) {
    const dataDir = join(bench.directory, "stowage");
    const stowage = await startStowage(dataDir, ["worker.concurrency=0"]);
    try {
      const token = await stowage.addPerson("person@example.test");
      const large = join(bench.directory, "large.mp4");
      const small = join(bench.directory, "small.mp4");
      writeVideoFile(large, megabytes * 1_000_000);
      writeVideoFile(small, 1_000_000);

      const put = (path: string, round: string): Promise<ProgramRun> =>
        measureProgram(megabytes, {
          // Another ref for each round: the same file is not sent twice.
          args: stowage.commandLine("put", path, "--no-wait", "--meta", `round=${round}`),
          env: { STOWAGE_SERVER: stowage.api, STOWAGE_TOKEN: token },
        });
      const { accessKeyId, secretAccessKey } = stowage.bucketCredentials();
      const libStorage = (round: string): Promise<ProgramRun> =>
        measureProgram(megabytes, {
          args: [libStoragePut, large, `bench/${round}`],
          env: {
            S3_ENDPOINT: stowage.bucket,
            S3_BUCKET: "stowage",
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
            PART_BYTES: String(partBytes),
            PARTS_IN_FLIGHT: String(partsInFlight),
          },
        });

      const idle = await put(small, "idle");
      const peaks: number[] = [];
      const rounds = await sideBySide(bench, "P5", {
        product: async (round) => {
          const run = await put(large, round);
          peaks.push(run.peakMemoryBytes);
          return run;
        },
        peer: libStorage,
      });
      const aboveIdle = peaks.map((peak) => Math.round((peak - idle.peakMemoryBytes) / 1e6));
      const bar = Math.round(memoryBarBytes / 1e6);
      return [
        {
          name: "P5: put of 1 GB in parts to the embedded bucket, MB/s",
          peer: "@aws-sdk/lib-storage, SHA-256",
          bar: 1,
          concurrency: partsInFlight,
          rounds,
          remarks: [`P5: memory above that of a put of 1 MB: ${aboveIdle.join(", ")} MB (bar: ${bar} MB)`],
        },
      ];
    } finally {
      await stowage.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};
