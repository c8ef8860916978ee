import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Scanner, ScannerUnavailableError } from "./scanner.ts";

/** A scanner and something that it knows as malware. */
export interface ScannerUnderTest {
  readonly scanner: Scanner;
  /** What it must call infected, wherever in a body it stands that holds nothing else. */
  readonly malware: Uint8Array;
  close(): Promise<void>;
}

async function* bodyOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof ScannerUnavailableError && error.message.length > 0;

/**
 * Holds an adapter to the port's promises, as one suite of `node:test`.
 *
 * @param create called once, before the first case; what it answers is closed after the last
 */
export function describeScanner(name: string, create: () => Promise<ScannerUnderTest>): void {
  describe(`${name} is a Scanner that`, () => {
    let underTest: ScannerUnderTest | undefined;
    const parts = (): ScannerUnderTest => {
      assert.ok(underTest);
      return underTest;
    };
    before(async () => {
      underTest = await create();
    });
    after(async () => underTest?.close());

    it("calls clean what is, an empty body too, and says what it is itself", async () => {
      const { scanner } = parts();
      for (const bytes of [Buffer.from("nothing to see"), Buffer.alloc(0), Buffer.alloc(300_000, "clean ")]) {
        const verdict = await scanner.scan(bodyOf(bytes), { sizeBytes: bytes.byteLength });
        assert.equal(verdict.verdict, "clean");
        assert.match(verdict.scanner, /^[\x20-\x7e]{3,200}$/);
      }
    });

    it("finds malware and names it, in whatever pieces it comes", async () => {
      const { scanner, malware } = parts();
      for (const pieceBytes of [malware.byteLength, 7, 1]) {
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < malware.byteLength; at += pieceBytes)
          pieces.push(malware.subarray(at, at + pieceBytes), new Uint8Array());
        const verdict = await scanner.scan(bodyOf(...pieces), { sizeBytes: malware.byteLength });
        assert.ok(verdict.verdict === "infected", `in pieces of ${pieceBytes}`);
        assert.match(verdict.name, /^[\x20-\x7e]{1,256}$/);
      }
    });

    it("takes several bodies at once, and mixes no answer up", async () => {
      const { scanner, malware } = parts();
      const bodies = Array.from({ length: 12 }, (_, index) =>
        index % 3 === 0 ? malware : Buffer.from(`number ${index}`),
      );
      const verdicts = await Promise.all(
        bodies.map((bytes) => scanner.scan(bodyOf(bytes), { sizeBytes: bytes.byteLength })),
      );
      assert.deepEqual(
        verdicts.map(({ verdict }) => verdict),
        bodies.map((bytes) => (bytes === malware ? "infected" : "clean")),
      );
    });

    it("knows nothing of what is larger than it takes, and does not read it", async () => {
      const { scanner } = parts();
      if (scanner.maxSizeBytes === Number.MAX_SAFE_INTEGER) return;
      let reads = 0;
      async function* body() {
        reads += 1;
        yield Buffer.from("x");
      }
      await assert.rejects(
        scanner.scan(body(), { sizeBytes: scanner.maxSizeBytes + 1 }),
        (error) => error instanceof ScannerUnavailableError && error.failure === "too-large",
      );
      assert.equal(reads, 0);
    });

    it("knows nothing of a body that broke off, or that it was told to leave, and takes the next", async () => {
      const { scanner } = parts();
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield Buffer.from("the beginning");
        throw new Error("the store is gone");
      }
      await assert.rejects(scanner.scan(broken(), { sizeBytes: 100 }), isUnavailable);
      const leaving = new AbortController();
      async function* endless(): AsyncGenerator<Uint8Array> {
        yield Buffer.from("the beginning");
        leaving.abort();
        await new Promise(() => undefined);
      }
      await assert.rejects(
        scanner.scan(endless(), { sizeBytes: 100, signal: leaving.signal }),
        (error) => error instanceof ScannerUnavailableError && error.failure === "aborted",
      );
      await assert.rejects(
        scanner.scan(bodyOf(), { sizeBytes: 0, signal: AbortSignal.abort() }),
        isUnavailable,
      );
      assert.equal((await scanner.scan(bodyOf(Buffer.from("next")), { sizeBytes: 4 })).verdict, "clean");
    });
  });
}
