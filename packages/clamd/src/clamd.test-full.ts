import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ScannerFailure, ScannerUnavailableError } from "@stowage/core";
import { describeScanner } from "@stowage/core/testing";
import { type Clamd, startClamd } from "./clamd.testing.ts";
import { type ClamdScanner, createClamdScanner } from "./create-clamd-scanner.ts";
import { eicar, pdfWith, zipOf } from "./eicar.testing.ts";

const mebibyte = 2 ** 20;

for (const where of ["socket", "tcp"] as const)
  describeScanner(`a real clamd, over ${where === "tcp" ? "TCP" : "its local socket"},`, async () => {
    const clamd = await startClamd();
    return {
      scanner: createClamdScanner({ address: clamd[where] }),
      malware: eicar,
      close: () => clamd.stop(),
    };
  });

async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

const isFailure =
  (...failures: readonly ScannerFailure[]) =>
  (error: unknown): boolean =>
    error instanceof ScannerUnavailableError && failures.includes(error.failure);

describe("a real clamd whose StreamMaxLength is 2 MiB", () => {
  let clamd: Clamd;
  let scanner: ClamdScanner;
  const scan = (bytes: Uint8Array, by = scanner) => by.scan(bodyOf(bytes), { sizeBytes: bytes.byteLength });
  before(async () => {
    clamd = await startClamd("StreamMaxLength 2M");
    scanner = createClamdScanner({ address: clamd.socket, maxSizeBytes: 2 * mebibyte });
  });
  after(() => clamd.stop());

  it("finds EICAR by itself, in a ZIP file, in a ZIP file in another, and in a file that a PDF holds", async () => {
    const zipped = zipOf("a.txt", eicar);
    for (const bytes of [eicar, zipped, zipOf("b.zip", zipped), pdfWith(eicar)]) {
      const verdict = await scan(bytes);
      assert.ok(verdict.verdict === "infected");
      assert.match(verdict.name, /^Eicar-Test/);
    }
    for (const bytes of [zipOf("a.txt", Buffer.from("fine")), pdfWith(Buffer.from("fine"))])
      assert.equal((await scan(bytes)).verdict, "clean");
  });

  it("says its version, and that it has no daily signatures", async () => {
    await scanner.ping();
    const { version, signaturesAtMs } = await scanner.version();
    assert.match(version, /^\d+\.\d+/);
    assert.equal(signaturesAtMs, undefined);
  });

  it("takes what is as large as its limit, and never calls clean what is larger", async () => {
    assert.equal((await scan(Buffer.alloc(2 * mebibyte, "a"))).verdict, "clean");
    const generous = createClamdScanner({ address: clamd.socket });
    for (let round = 0; round < 5; round += 1)
      // It closes the connection while more is on its way: its reason may be lost.
      await assert.rejects(
        scan(Buffer.alloc(8 * mebibyte, "a"), generous),
        isFailure("too-large", "unreachable"),
      );
    assert.equal(await scanner.takesMaxSize(1_000), true);
    const slightly = createClamdScanner({ address: clamd.socket, maxSizeBytes: 2 * mebibyte + 1 });
    assert.equal(await slightly.takesMaxSize(1_000), false);
  });

  it("knows nothing when it is killed in the midst of a scan, and scans again once it is back", async () => {
    async function* killing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("the beginning");
      await clamd.kill();
      yield Buffer.from("the end");
    }
    await assert.rejects(scanner.scan(killing(), { sizeBytes: 20 }), isFailure("unreachable"));
    await assert.rejects(scan(eicar), isFailure("unreachable"));
    await clamd.start();
    assert.equal((await scan(eicar)).verdict, "infected");
  });

  it("knows nothing while it is stopped, and goes on when it goes on", async () => {
    const hasty = createClamdScanner({ address: clamd.socket, idleTimeoutMs: 300, connectTimeoutMs: 300 });
    await clamd.signal("SIGSTOP");
    try {
      await assert.rejects(scan(eicar, hasty), isFailure("timeout"));
    } finally {
      await clamd.signal("SIGCONT");
    }
    assert.equal((await scan(eicar)).verdict, "infected");
  });
});
