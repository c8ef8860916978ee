import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { at } from "../load/at.ts";
import { requestHead } from "../load/http-connection.ts";
import type { Processes, Run } from "../load/measure-run.ts";
import { sendPrepared } from "../load/send-prepared.ts";
import { type Figure, sideBySide } from "./measure.ts";
import type { BucketAndNginx } from "./p9.ts";

const lanes = 8;
/** A download is over sooner than an upload. */
const runsPerFile = 3;

/** Presigned GETs of files that the product has verified, against nginx sending the same bytes. */
export async function measureGet(sides: BucketAndNginx): Promise<Figure> {
  const { bench, bodies, stowage, person, nginx } = sides;
  const fileIds = await person.uploadAndVerify(bodies);
  for (const [index, { bytes }] of bodies.entries())
    await writeFile(join(nginx.directory, `get-${index}`), bytes);
  const expected = { status: 200, bodyBytes: at(bodies, 0).bytes.length };
  const send = (origin: string, processes: Processes, heads: readonly string[]): Promise<Run> => {
    const requests = Array.from({ length: bench.filesPerRun * runsPerFile }, (_, index) => ({
      head: at(heads, index % heads.length),
    }));
    return sendPrepared({ origin, processes, lanes, requests, expected });
  };
  const rounds = await sideBySide(bench, "P9 GET", {
    async product() {
      const signed = await person.signDownloads(fileIds);
      const heads = signed.map(({ method, url, headers }) => requestHead(method, url, headers));
      return send(stowage.bucket, { bucket: [stowage.pidOf("bucket")] }, heads);
    },
    peer: () =>
      send(
        nginx.origin,
        nginx.processes,
        bodies.map((_, index) => requestHead("GET", `${nginx.origin}/get-${index}`)),
      ),
  });
  return {
    name: "P9 GET: 2 MB from the bucket, decrypted, every segment authenticated",
    peer: "nginx, static file, sendfile",
    bar: 0.35,
    goal: 0.5,
    concurrency: lanes,
    rounds,
  };
}
