import { at } from "../load/at.ts";
import { bodyContentType } from "../load/bodies.ts";
import { requestHead } from "../load/http-connection.ts";
import { sendPrepared } from "../load/send-prepared.ts";
import { putHead } from "../product/api-calls.ts";
import { type Figure, sideBySide } from "./measure.ts";
import type { BucketAndNginx } from "./p9.ts";

const lanes = 8;

/** Presigned PUTs with a signed SHA-256, as the product's clients send them, against nginx's WebDAV PUT. */
export async function measurePut(sides: BucketAndNginx): Promise<Figure> {
  const { bench, bodies, stowage, person, nginx } = sides;
  const content = Array.from({ length: bench.filesPerRun }, (_, index) => at(bodies, index % bodies.length));
  const rounds = await sideBySide(bench, "P9 PUT", {
    async product(round) {
      const uploads = await person.announce(content, `put-${round}`);
      const requests = uploads.map(({ transfer }, index) => {
        const { bytes } = at(content, index);
        return { head: putHead(transfer.request, bytes.length), body: bytes };
      });
      const processes = { bucket: [stowage.pidOf("bucket")] };
      return sendPrepared({ origin: stowage.bucket, processes, lanes, requests, expected: { status: 200 } });
    },
    async peer(round) {
      const requests = content.map(({ bytes }, index) => ({
        head: requestHead("PUT", `${nginx.origin}/put-${round}-${index}`, {
          "content-type": bodyContentType,
          "content-length": String(bytes.length),
        }),
        body: bytes,
      }));
      const { origin, processes } = nginx;
      return sendPrepared({ origin, processes, lanes, requests, expected: { status: 201 } });
    },
  });
  return {
    name: "P9 PUT: 2 MB to the bucket, SHA-256 checked, encrypted, synced",
    peer: "nginx WebDAV PUT, not synced",
    bar: 0.5,
    concurrency: lanes,
    rounds,
  };
}
