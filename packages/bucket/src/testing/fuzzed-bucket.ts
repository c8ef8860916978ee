import assert from "node:assert/strict";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "./temporary-directory.ts";
import { type Answer, startTestBucket, type TestBucket } from "./test-bucket.ts";
import { watchFileOperations } from "./watched-file-operations.ts";

/** How often a property is tried; more for longer runs. */
export const fuzzRuns = (usual: number): number => Number(process.env.STOWAGE_FUZZ_RUNS ?? usual);

/** Longer than any answer takes, also on a busy machine, and than what stands still is borne. */
const patienceMs = 20_000;

/** Without a word for so long, a server has said all. */
const quietMs = 5;

/** What a server that is well may answer to what it did not expect. */
const isSound = (status: number): boolean => status < 500 || [501, 503, 507].includes(status);

export interface FuzzedBucket {
  readonly bucket: TestBucket;
  readonly host: string;
  /**
   * Writes the pieces to a connection, one after the other, and resolves with the statuses that were answered once it
   * is closed. Fails where one is not sound, or where the connection stays open. `then`: to say that there is no
   * more, or to be gone, before an answer; else it waits for that.
   */
  send(pieces: readonly (Buffer | string)[], then?: "end" | "destroy"): Promise<number[]>;
  /** What a key holds, though on a busy machine the server may give up the asking once or twice. */
  get(key: string): Promise<Answer>;
  /** The server lives, has crashed at nothing, and has touched no path but its own. */
  assertWell(): Promise<void>;
}

/** A server that is about to get what nobody sends; it is watched. It soon gives up what does not come. */
export async function startFuzzedBucket(t: TestContext, idleTimeoutMs = 100): Promise<FuzzedBucket> {
  const directory = join(await temporaryDirectory(t, { inMemory: true }), "data");
  const strayed = new Set<string>();
  const { operations } = watchFileOperations((call, path) => {
    const isOwn = path === directory || path.startsWith(`${directory}/`);
    const isSafe = !path.includes("/../") && !path.endsWith("/..") && !path.includes("\0");
    if (!(isOwn && isSafe) && !(call === "syncDirectory" && path === dirname(directory))) strayed.add(path);
  });
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => {
    unhandled.push(error);
  };
  process.on("unhandledRejection", onUnhandled);
  t.after(() => process.off("unhandledRejection", onUnhandled));
  const bucket = await startTestBucket(t, {
    directory,
    fileOperations: operations,
    headersTimeoutMs: 1000,
    idleTimeoutMs,
    maxObjectSizeBytes: 1_000_000,
  });

  const patiently = async (work: () => Promise<Answer>, timesLeft = 20): Promise<Answer> => {
    try {
      return await work();
    } catch (error) {
      if (timesLeft === 0) throw error;
      return patiently(work, timesLeft - 1);
    }
  };
  const get = (key: string): Promise<Answer> => patiently(() => bucket.get(key));

  return {
    bucket,
    get,
    host: `127.0.0.1:${bucket.port}`,

    send: (pieces, then) =>
      new Promise((resolve, reject) => {
        const socket = connect(bucket.port, "127.0.0.1");
        const received: Buffer[] = [];
        const impatience = setTimeout(() => {
          socket.destroy();
          reject(new Error("The server neither answered nor closed"));
        }, patienceMs);
        let leaving: NodeJS.Timeout | undefined;
        socket.on("data", (chunk) => {
          received.push(chunk);
          clearTimeout(leaving);
          // It would be kept for a next request.
          if (then === undefined) leaving = setTimeout(() => socket.end(), quietMs);
        });
        // It may be closed while we still write.
        socket.on("error", () => undefined);
        socket.on("close", () => {
          clearTimeout(impatience);
          clearTimeout(leaving);
          const text = Buffer.concat(received).toString("latin1");
          const statuses = [...text.matchAll(/(?:^|\n|\r|>)HTTP\/1\.1 (\d{3}) /g)].map(([, status]) =>
            Number(status),
          );
          if (statuses.every(isSound)) resolve(statuses);
          else reject(new Error(`Answered ${statuses}: ${text.slice(-600)}`));
        });
        const write = async (): Promise<void> => {
          for (const piece of pieces) {
            if (socket.destroyed) return;
            socket.write(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
            // So that each comes by itself.
            await new Promise((next) => setImmediate(next));
          }
          if (then === "end") socket.end();
          if (then === "destroy") socket.destroy();
        };
        socket.on("connect", () => write().catch(reject));
      }),

    async assertWell() {
      assert.deepEqual([...strayed], [], "paths outside its folder");
      assert.deepEqual(unhandled, []);
      const errors = bucket.log.filter(({ level }) => level === "error");
      assert.deepEqual(errors, []);
      assert.equal((await patiently(() => bucket.put("still/there", "content"))).status, 200);
      assert.equal(String((await get("still/there")).body), "content");
    },
  };
}
