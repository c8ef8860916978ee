import assert from "node:assert/strict";
import { test } from "node:test";
import { type ScannerFailure, ScannerUnavailableError } from "@stowage/core";
import { describeScanner } from "@stowage/core/testing";
import fc from "fast-check";
import { type ClamdScannerOptions, createClamdScanner } from "./create-clamd-scanner.ts";
import { answerStream, type Script, startScriptedClamd } from "./scripted-clamd.testing.ts";

const malware = Buffer.from("bad bad bad");
const scanLikeClamd: Script = (socket, command) =>
  answerStream(socket, command, (bytes) =>
    bytes.includes(malware) ? "stream: Bad.Thing-1 FOUND\0" : "stream: OK\0",
  );

describeScanner("clamd's scanner, over a server that speaks as clamd does,", async () => {
  const clamd = await startScriptedClamd(scanLikeClamd);
  return {
    scanner: createClamdScanner({ address: clamd.address }),
    malware,
    close: async () => clamd[Symbol.asyncDispose](),
  };
});

const limits = { connectTimeoutMs: 5_000, idleTimeoutMs: 5_000, overallTimeoutMs: 20_000 };

async function* bodyOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function scanWith(
  script: Script,
  options: Partial<ClamdScannerOptions> = {},
  body: AsyncIterable<Uint8Array> = bodyOf("some", "bytes"),
) {
  await using clamd = await startScriptedClamd(script);
  const scanner = createClamdScanner({ address: clamd.address, ...limits, ...options });
  return await scanner.scan(body, { sizeBytes: 9 });
}

const isFailure =
  (failure: ScannerFailure, words: RegExp = /./) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof ScannerUnavailableError, String(error));
    assert.equal(error.failure, failure, error.message);
    assert.match(error.message, words);
    return true;
  };

test("sends each chunk after its length, and says what scanned it with which signatures", async () => {
  let sizes: readonly number[] = [];
  const verdict = await scanWith(
    (socket, command) =>
      answerStream(socket, command, (bytes, chunkSizes) => {
        sizes = chunkSizes;
        return `stream: ${bytes.toString() === "somebytes" ? "OK" : "Other.Bytes FOUND"}\0`;
      }),
    {},
    bodyOf("some", "", "bytes"),
  );
  assert.deepEqual(verdict, { verdict: "clean", scanner: "ClamAV 1.4.3, signatures of 2026-11-25" });
  assert.deepEqual(sizes, [4, 5]);
});

test("whatever pieces a body comes in, clamd gets its bytes, and is asked until they end", async () => {
  let expected = Buffer.alloc(0);
  await using clamd = await startScriptedClamd((socket, command) =>
    answerStream(
      socket,
      command,
      (bytes) => `stream: ${bytes.equals(expected) ? "OK" : "Other.Bytes FOUND"}\0`,
    ),
  );
  const scanner = createClamdScanner({ address: clamd.address, ...limits });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 70_000 }), { maxLength: 12 }), async (pieces) => {
      expected = Buffer.concat(pieces);
      async function* body() {
        yield* pieces;
      }
      const { verdict } = await scanner.scan(body(), { sizeBytes: expected.byteLength });
      assert.equal(verdict, "clean");
    }),
    { numRuns: 40 },
  );
});

test("answers that are no verdict are never taken for one", async () => {
  for (const answer of [
    "",
    "\0",
    "OK\0",
    "stream: OK",
    "stream: OK\n\0",
    "stream: ok\0",
    "stream: OK\0stream: OK\0",
    "1: stream: OK\0",
    "stream:  FOUND\0",
    "stream: Bad\x07Thing FOUND\0",
    `stream: ${"x".repeat(257)} FOUND\0`,
    "stream: Can't allocate memory ERROR\0",
    "COMMAND READ TIMED OUT\0",
    "UNKNOWN COMMAND\0",
    "HTTP/1.1 400 Bad Request\r\n\r\n",
    "x".repeat(5000),
  ])
    await assert.rejects(
      scanWith((socket, command) => answerStream(socket, command, () => answer)),
      (error) => error instanceof ScannerUnavailableError && /^(failed|unreachable)$/.test(error.failure),
      JSON.stringify(answer.slice(0, 40)),
    );
});

test("a name with spaces, as some signatures have, is told as it is", async () => {
  const verdict = await scanWith((socket, command) =>
    answerStream(socket, command, () => "stream: Html.Exploit with spaces(1) FOUND\0"),
  );
  assert.equal(verdict.verdict === "infected" && verdict.name, "Html.Exploit with spaces(1)");
});

test("an answer in pieces is waited for to its end", async () => {
  const verdict = await scanWith((socket, command) =>
    answerStream(socket, command, () => {
      const pieces = ["stream:", " Bad.Thing FO", "UND\0"];
      const next = () => {
        const piece = pieces.shift();
        if (piece !== undefined) socket.write(piece, () => setTimeout(next, 10));
      };
      next();
      return undefined;
    }),
  );
  assert.equal(verdict.verdict, "infected");
});

async function* endless(): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(65_536);
  for (;;) {
    yield chunk;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("what is said while the body is still being sent counts, if it is not that it is clean", async () => {
  const saying = (answer: string) =>
    scanWith((socket) => socket.resume().write(answer), { maxSizeBytes: 2 ** 40 }, endless());
  assert.equal((await saying("stream: Bad.Thing FOUND\0")).verdict, "infected");
  await assert.rejects(saying("stream: OK\0"), isFailure("failed", /before it had been sent all/));
  await assert.rejects(
    saying("INSTREAM size limit exceeded. ERROR\0"),
    isFailure("too-large", /StreamMaxLength/),
  );
});

test("a server that takes nothing, says nothing or does not end is left in time", async () => {
  const idleTimeoutMs = 150;
  await assert.rejects(
    scanWith((socket) => socket.pause(), { idleTimeoutMs, maxSizeBytes: 2 ** 40 }, endless()),
    isFailure("timeout", /has taken nothing of what it was sent for 150 ms/),
  );
  await assert.rejects(
    scanWith((socket) => socket.resume(), { idleTimeoutMs }),
    isFailure("timeout", /has not answered for 150 ms/),
  );
  await assert.rejects(
    scanWith((socket) => socket.resume(), { overallTimeoutMs: 200, maxSizeBytes: 2 ** 40 }, endless()),
    isFailure("timeout", /longer than 200 ms/),
  );
});

test("a body that is slow to come is not clamd's silence", async () => {
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("some");
    await new Promise((resolve) => setTimeout(resolve, 400));
    yield Buffer.from("bytes");
  }
  assert.equal((await scanWith(scanLikeClamd, { idleTimeoutMs: 200 }, slow())).verdict, "clean");
});

test("connections that break, or that were half closed, are told as such", async () => {
  const broken: readonly [string, Script][] = [
    ["closed at once", (socket) => socket.destroy()],
    ["reset", (socket) => socket.resetAndDestroy()],
    ["half closed", (socket) => socket.resume().end()],
    ["half an answer", (socket) => socket.resume().end("stream: O")],
    ["closed after all", (socket, command) => answerStream(socket, command, () => "")],
  ];
  for (const [name, script] of broken)
    await assert.rejects(scanWith(script, {}, bodyOf("some")), isFailure("unreachable"), name);
});

test("nobody there is told in time, over TCP and a local socket", async () => {
  let address: ClamdScannerOptions["address"] = { path: "/nonexistent/clamd.sock" };
  for (const _ of ["path", "port"]) {
    const scanner = createClamdScanner({ address, ...limits });
    await assert.rejects(
      scanner.scan(bodyOf("x"), { sizeBytes: 1 }),
      isFailure("unreachable", /can't be reached/),
    );
    await assert.rejects(scanner.ping(), isFailure("unreachable"));
    await using gone = await startScriptedClamd(() => undefined);
    address = gone.address;
  }
});

test("a body that is longer than was said is not sent past the scanner's limit", async () => {
  await assert.rejects(
    scanWith(scanLikeClamd, { maxSizeBytes: 9 }, bodyOf("some", "bytes", "!")),
    isFailure("too-large"),
  );
});

test("no more connections are open than was said, and one that waits can be told to leave", async () => {
  const held: (() => void)[] = [];
  await using clamd = await startScriptedClamd((socket, command) => {
    held.push(() => answerStream(socket, command, () => "stream: OK\0"));
  });
  const scanner = createClamdScanner({ address: clamd.address, ...limits, connections: 2 });
  const scans = Array.from({ length: 6 }, () => scanner.scan(bodyOf("x"), { sizeBytes: 1 }));
  const leaving = new AbortController();
  const left = scanner.scan(bodyOf("x"), { sizeBytes: 1, signal: leaving.signal });
  leaving.abort();
  await assert.rejects(left, isFailure("aborted"));
  let isDone = false;
  const all = Promise.all(scans).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    held.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await all).length, 6);
  assert.equal(clamd.counts.opened, 6);
  assert.equal(clamd.counts.most, 2);
});

test("a verdict is one although clamd does not say its version", async () => {
  await using clamd = await startScriptedClamd(scanLikeClamd, "UNKNOWN COMMAND\0");
  const scanner = createClamdScanner({ address: clamd.address, ...limits });
  await assert.rejects(scanner.version(), isFailure("failed", /Not a clamd/));
  const verdict = await scanner.scan(bodyOf("x"), { sizeBytes: 1 });
  assert.deepEqual(verdict, { verdict: "clean", scanner: "ClamAV" });
});

test("the size that it takes is asked for without sending so much", async () => {
  for (const takes of [true, false]) {
    await using clamd = await startScriptedClamd((socket) => {
      socket.resume();
      if (!takes) socket.end("INSTREAM size limit exceeded. ERROR\0");
    });
    const scanner = createClamdScanner({ address: clamd.address, ...limits });
    assert.equal(await scanner.takesMaxSize(100), takes);
  }
});
