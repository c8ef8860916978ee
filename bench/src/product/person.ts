import { setTimeout as delay } from "node:timers/promises";
import { at } from "../load/at.ts";
import type { Body } from "../load/bodies.ts";
import { withConnections } from "../load/http-connection.ts";
import { type ApiCalls, apiCalls, putHead, type SignedRequest, type Upload } from "./api-calls.ts";
import type { Stowage } from "./start-stowage.ts";

/** Most files that the API announces, and downloads that it signs, at once. */
const batchSize = 100;

/** What a bench has somebody do at the API before it measures. */
export interface Person {
  /** Uploads for these bodies, their PUTs signed, in order. `label` makes their refs. */
  announce(bodies: readonly Body[], label: string): Promise<Upload[]>;
  /** Sends the bodies, and resolves with the files' ids once all are ready. */
  uploadAndVerify(bodies: readonly Body[]): Promise<string[]>;
  signDownloads(fileIds: readonly string[]): Promise<SignedRequest[]>;
}

export function personOf(stowage: Stowage, token: string): Person {
  const atApi = <T>(use: (api: ApiCalls) => Promise<T>): Promise<T> =>
    withConnections(stowage.api, 1, (connections) => use(apiCalls(at(connections, 0), stowage.api, token)));

  const announce = (bodies: readonly Body[], label: string): Promise<Upload[]> =>
    atApi(async (api) => {
      const uploads: Upload[] = [];
      for (let start = 0; start < bodies.length; start += batchSize) {
        const batch = bodies.slice(start, start + batchSize);
        const refs = batch.map((_, index) => `${label}-${start + index}`);
        uploads.push(...(await api.create(batch, refs)));
      }
      return uploads;
    });

  return {
    announce,

    async uploadAndVerify(bodies) {
      const uploads = await announce(bodies, "verified");
      await withConnections(stowage.bucket, 1, async (connections) => {
        for (const [index, { transfer }] of uploads.entries()) {
          const { bytes } = at(bodies, index);
          const head = putHead(transfer.request, bytes.length);
          const { status } = await at(connections, 0).send({ head, body: bytes });
          if (status !== 200) throw new Error(`PUT: answered ${status}`);
        }
      });
      await atApi(async (api) => {
        for (const { id } of uploads) await api.complete(id);
        for (const { id } of uploads) await untilReady(api, id);
      });
      return uploads.map(({ fileId }) => fileId);
    },

    signDownloads: (fileIds) => atApi((api) => api.download(fileIds)),
  };
}

async function untilReady(api: ApiCalls, id: string): Promise<void> {
  for (;;) {
    const state = await api.stateOf(id);
    if (state === "ready") return;
    if (state !== "uploaded" && state !== "verifying") throw new Error(`A body of this bench is ${state}`);
    await delay(50);
  }
}
