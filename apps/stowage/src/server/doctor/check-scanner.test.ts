import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import type { ScannerChoice } from "../scanning/choose-scanner.ts";
import { checkScanner } from "./check-scanner.ts";

const signaturesAtMs = Date.parse("2026-11-25T09:26:14Z");
const dayMs = 24 * 3600 * 1000;

/** A clamd that answers as it is told; each answer ends in its NUL here. */
async function clamd(
  t: TestContext,
  answers: { version?: string; stream?: string; header?: string } = {},
): Promise<ScannerChoice> {
  const { version = "ClamAV 1.4.3/27700/Wed Nov 25 09:26:14 2026", stream = "stream: Eicar FOUND" } = answers;
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      const text = received.toString("latin1");
      const asksForSize = text.startsWith("zINSTREAM\0") && received.byteLength === 14;
      if (text === "zVERSION\0") socket.end(`${version}\0`);
      else if (asksForSize && received.readUInt32BE(10) === maxSizeBytes) {
        if (answers.header) socket.end(`${answers.header}\0`);
      } else if (text.endsWith("\0\0\0\0")) socket.end(`${stream}\0`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { kind: "clamd", address: `127.0.0.1:${port}`, maxSizeBytes, timeoutSeconds: 5, connections: 1 };
}
const maxSizeBytes = 20_000_000;

test("no scanner is said, and is no fault", async () => {
  const { status, detail } = await checkScanner({ kind: "none" }, 0);
  assert.equal(status, "ok");
  assert.match(detail, /^Nothing is scanned for malware/);
});

test("one that finds the test file, takes the size and has new signatures is well", async (t) => {
  const { status, detail } = await checkScanner(await clamd(t), signaturesAtMs + 7 * dayMs);
  assert.equal(status, "ok", detail);
  assert.match(
    detail,
    /^ClamAV 1\.4\.3, signatures of 2026-11-25 at 127\.0\.0\.1:\d+ finds the EICAR test file\.$/,
  );
});

test("signatures of more than a week, or of no day, are warned of with what updates them", async (t) => {
  const old = await checkScanner(await clamd(t), signaturesAtMs + 9 * dayMs);
  assert.equal(old.status, "warning");
  assert.match(old.detail, /9 days old\.$/);
  assert.match(old.fix ?? "", /freshclam/);
  const none = await checkScanner(await clamd(t, { version: "ClamAV 1.4.3" }), 0);
  assert.equal(none.status, "warning");
  assert.match(none.detail, /no daily signatures/);
});

test("one that finds nothing, takes too little, or is not there fails, each with its fix", async (t) => {
  const blind = await checkScanner(await clamd(t, { stream: "stream: OK" }), signaturesAtMs);
  assert.match(`${blind.status} ${blind.detail}`, /^failed .* does not find the EICAR test file\.$/);
  const small = await checkScanner(
    await clamd(t, { header: "INSTREAM size limit exceeded. ERROR" }),
    signaturesAtMs,
  );
  assert.match(`${small.status} ${small.detail} ${small.fix}`, /^failed .*20000000.* Raise StreamMaxLength/);
  const other = await checkScanner(await clamd(t, { version: "HTTP/1.1 400 Bad Request" }), signaturesAtMs);
  assert.match(`${other.status} ${other.detail}`, /^failed .*Not a clamd/);
  const gone: ScannerChoice = {
    kind: "clamd",
    address: "/nonexistent/clamd.sock",
    maxSizeBytes,
    timeoutSeconds: 5,
    connections: 1,
  };
  const away = await checkScanner(gone, signaturesAtMs);
  assert.match(
    `${away.status} ${away.detail} ${away.fix}`,
    /^failed No upload can be ready.*ENOENT.*Start clamd/,
  );
});
