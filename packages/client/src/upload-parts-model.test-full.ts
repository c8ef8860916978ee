import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  captivePortal,
  type Fault,
  problemOf,
  problemReply,
  startScriptedServer,
  storeError,
} from "./testing/index.contract.ts";
import { createMortalPlatform } from "./testing/mortal-platform.contract.ts";
import { sourceOf } from "./testing/test-platform.contract.ts";
import { createUploader } from "./uploader.ts";

const partSizeBytes = 3000;

/** What befalls a request: the network's, the store's or the API's fault, or the client's death. */
type Misfortune =
  | "reset"
  | "reset-mid-body"
  | "commit-then-reset"
  | "hang"
  | "expired"
  | "forgotten"
  | "busy"
  | "portal"
  | "nobody"
  | "kill-before"
  | "kill-after";

const misfortune = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Misfortune>("reset", "reset-mid-body", "commit-then-reset") },
  { weight: 3, arbitrary: fc.constantFrom<Misfortune>("expired", "busy", "portal", "nobody") },
  { weight: 2, arbitrary: fc.constantFrom<Misfortune>("kill-before", "kill-after") },
  { weight: 1, arbitrary: fc.constant<Misfortune>("forgotten") },
  { weight: 1, arbitrary: fc.constant<Misfortune>("hang") },
);

interface Story {
  readonly sizeBytes: number;
  readonly concurrency: number;
  /** By the requests' order of arrival; most go well. */
  readonly fate: readonly (Misfortune | null)[];
}

const story: fc.Arbitrary<Story> = fc.record({
  sizeBytes: fc.integer({ min: 2 * partSizeBytes + 1, max: 9 * partSizeBytes }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  fate: fc.array(fc.option(misfortune, { freq: 4 }), { maxLength: 60 }),
});

const partNumberOf = (path: string): number => Number(/[?&]partNumber=(\d+)/.exec(path)?.[1] ?? 0);

interface Outcome {
  readonly whole: boolean;
  readonly files: number;
  readonly openMultiparts: number;
  readonly partsSentTooOften: readonly string[];
}

/** Sends one file, again from the start at each death, while these things befall its requests. */
async function live({ sizeBytes, concurrency, fate }: Story): Promise<Outcome> {
  const bytes = Buffer.from(Array.from({ length: sizeBytes }, (_, index) => (index * 31) % 253));
  const file = sourceOf("clip.mp4", bytes, "video/mp4");
  /** How often a part may have been put: once, and once more for each thing that befell it. */
  const allowed = new Map<number, number>();
  const puts = new Map<number, number>();
  const underWay = new Set<number>();
  const refused = new Set<number>();
  const allow = (partNumber: number) => allowed.set(partNumber, (allowed.get(partNumber) ?? 1) + 1);
  let kill = (): void => undefined;

  /** A death leaves it open whether what was under way arrived. */
  const die = () => {
    for (const partNumber of underWay) allow(partNumber);
    underWay.clear();
    kill();
  };

  const befall = (what: Misfortune, method: string, path: string, partNumber: number): Fault | undefined => {
    switch (what) {
      case "forgotten":
        if (!partNumber) return undefined;
        for (const id of server.store.multiparts.open()) {
          for (const number of server.store.multiparts.parts(id)?.keys() ?? []) allow(number);
          server.store.multiparts.abort(id);
        }
        return undefined;
      case "expired":
        // A fresh request that is refused too is the end, as it should be.
        if (!partNumber || refused.has(partNumber)) return undefined;
        server.store.expire(path);
        break;
      case "kill-before":
        die();
        return "reset";
      case "kill-after":
        setImmediate(die);
        return "commit-then-reset";
      case "busy":
        if (partNumber) allow(partNumber);
        return partNumber
          ? storeError(503, "SlowDown")
          : problemReply(problemOf("unavailable", "Not right now."));
      case "portal":
        if (partNumber) allow(partNumber);
        return captivePortal;
      case "nobody":
        if (partNumber) allow(partNumber);
        return partNumber ? { status: 200, body: "" } : undefined;
      case "hang":
        if (method !== "PUT") return undefined;
        allow(partNumber);
        return what;
      default:
        if (partNumber) allow(partNumber);
        return what;
    }
    allow(partNumber);
    return undefined;
  };

  const server = await startScriptedServer({
    singlePutLimitBytes: 1000,
    partSizeBytes,
    fault({ method, path, index }) {
      const what = fate[index];
      return what ? befall(what, method, path, partNumberOf(path)) : undefined;
    },
  });

  const onPut = (url: string) => {
    const partNumber = partNumberOf(url);
    puts.set(partNumber, (puts.get(partNumber) ?? 0) + 1);
    underWay.add(partNumber);
    return (status: number | undefined) => {
      underWay.delete(partNumber);
      if (status === 403) refused.add(partNumber);
      else refused.delete(partNumber);
      // Of no use, since its multipart was forgotten before.
      if (status === 404) allow(partNumber);
    };
  };

  const run = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const mortal = createMortalPlatform(server.url, onPut, {
        concurrency,
        maxAttempts: 30,
        idleTimeoutMs: 100_000,
      });
      kill = () => {
        mortal.kill();
        resolve(false);
      };
      createUploader(mortal.platform)
        .upload(file, { ref: "mine" })
        .then(({ upload }) => resolve(upload.state === "ready"), reject);
    });

  try {
    while (!(await run()));
    const objects = [...server.store.objects.values()];
    return {
      whole: objects.length === 1 && objects[0]?.equals(bytes) === true,
      files: [...server.uploads.values()].filter(({ state }) => state === "ready").length,
      openMultiparts: server.store.multiparts.open().length,
      partsSentTooOften: [...puts]
        .filter(([partNumber, times]) => times > (allowed.get(partNumber) ?? 1))
        .map(([partNumber, times]) => `part ${partNumber}: ${times} of ${allowed.get(partNumber) ?? 1}`),
    };
  } finally {
    await server.close();
  }
}

test("brings a file to its end exactly once, whatever befalls it, and sends no part without a reason", {
  timeout: 550_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (one) => {
      assert.deepEqual(await live(one), {
        whole: true,
        files: 1,
        openMultiparts: 0,
        partsSentTooOften: [],
      });
    }),
    { numRuns: 200, interruptAfterTimeLimit: 120_000, endOnFailure: true },
  );
});
