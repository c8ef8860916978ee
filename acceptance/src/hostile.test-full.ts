// Files that are made to hurt the machine that checks them, sent as anybody could.
import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { makePng, makePngBomb } from "./harness/images.ts";
import { canSeeProcesses, descendantsOf, readPeakMemoryBytes } from "./harness/processes.ts";
import { jsonLines, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { uploadToEnd } from "./harness/upload.ts";

const maxMemoryBytes = 2 ** 29;
/** Between two looks of the worker at a decoder it may take more. */
const overshootBytes = 2 ** 28;
const timeoutSeconds = 5;

let server: Server;
let person: Person;

before(async () => {
  const set = {
    "inspect.maxMemoryBytes": maxMemoryBytes,
    "inspect.timeoutSeconds": timeoutSeconds,
    "worker.concurrency": 1,
  };
  server = await startServer({ set });
  person = await addPerson(server);
});
after(() => server.stop());

const onLinux = { skip: !canSeeProcesses && "processes are looked at in /proc" };

/** GIF89a: so many frames of one pixel on a canvas of that size. */
function manyFrames(width: number, height: number, frames: number): Buffer {
  const screen = Buffer.from("GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff", "latin1");
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([screen, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])]);
}

/** A PDF without a table of its objects, which readers then look for. */
const pdf = (...objects: readonly string[]): Buffer =>
  Buffer.from(
    `%PDF-1.7\n${objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join("")}trailer\n<</Root 1 0 R>>\n%%EOF\n`,
  );

const stream = (content: string, entries = ""): string =>
  `<</Length ${content.length}${entries}>>\nstream\n${content}\nendstream`;

const form = stream(
  "/F Do /F Do",
  "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>",
);

const hostile = (server: string): readonly (readonly [string, string, Buffer])[] => [
  ["256 megapixels in a PNG", "image/png", makePngBomb(16_384, 16_384)],
  ["100 megapixels in a PNG", "image/png", makePngBomb(10_000, 10_000)],
  ["10,000 large frames", "image/gif", manyFrames(1000, 1000, 10_000)],
  ["10,000 small frames", "image/gif", manyFrames(100, 100, 10_000)],
  [
    "a PDF of arrays in arrays",
    "application/pdf",
    pdf(`<</Type/Catalog/Pages 2 0 R/D ${"[".repeat(100_000)}>>`, "<</Type/Pages/Count 0/Kids[]>>"),
  ],
  [
    "a PDF whose pages hold themselves",
    "application/pdf",
    pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 9/Kids[2 0 R]>>"),
  ],
  [
    "a PDF that draws itself twice, and so on",
    "application/pdf",
    pdf(
      "<</Type/Catalog/Pages 2 0 R>>",
      "<</Type/Pages/Count 1/Kids[3 0 R]>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
      stream("/F Do"),
      form,
    ),
  ],
  [
    "an SVG that fetches",
    "image/png",
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg"><image href="${server}"/><image href="file:///etc/passwd"/></svg>`,
    ),
  ],
];

test("each ends ready or rejected in bounded time and memory, nothing is fetched, and the next good file is ready", {
  ...onLinux,
}, async (t) => {
  let requests = 0;
  const fetched = createServer((_, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => fetched.listen(0, "127.0.0.1", resolve));
  t.after(() => fetched.close());
  const address = fetched.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;

  let peakBytes = 0;
  const watch = setInterval(() => {
    for (const pid of descendantsOf(server.pid))
      peakBytes = Math.max(peakBytes, readPeakMemoryBytes(pid) ?? 0);
  }, 25);
  t.after(() => clearInterval(watch));
  const workerBefore = server.process("worker");
  for (const [what, contentType, bytes] of hostile(url)) {
    const startedMs = performance.now();
    const upload = await uploadToEnd(person.api, bytes, { contentType }, { timeoutMs: 60_000 });
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < (timeoutSeconds + 30) * 1000, `${what}: ${tookMs} ms`);
    assert.match(upload.state, /^(ready|rejected)$/, what);
    if (upload.state === "rejected") assert.match(upload.rejection?.detail ?? "", /^\S.+[.!?]$/, what);
    assert.equal((await uploadToEnd(person.api, await makePng())).state, "ready", `after ${what}`);
  }
  assert.equal(requests, 0);
  assert.equal(server.process("worker"), workerBefore, "the worker has lived on");
  t.diagnostic(`${Math.round(peakBytes / 2 ** 20)} MiB at most`);
  assert.ok(peakBytes > 0 && peakBytes < maxMemoryBytes + overshootBytes, String(peakBytes));
});

interface Diagnosis {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
}

test("doctor says what decoders are kept from, and it is so", onLinux, async (t) => {
  const doctor = await runCli(["doctor", "--json", "--data", server.dataDir]);
  const said = jsonLines<Diagnosis>(doctor.stdout).find(({ check }) => check === "decoder-sandbox");
  assert.ok(said, doctor.stdout);
  if (said.status !== "ok") return t.skip(said.detail);
  assert.match(said.detail, /no network, no file but the one at hand, no other process/);
  await uploadToEnd(person.api, await makePng());
  const worker = server.process("worker") ?? assert.fail("no worker");
  const decoder = descendantsOf(worker).at(-1) ?? assert.fail("no decoder");
  for (const namespace of ["net", "mnt", "pid", "ipc"]) {
    let own: string;
    try {
      own = readlinkSync(`/proc/${decoder}/ns/${namespace}`);
    } catch {
      return t.skip("only root may look at another's namespaces");
    }
    assert.notEqual(own, readlinkSync(`/proc/${worker}/ns/${namespace}`), namespace);
  }
});

test("where a sandbox is required and there is none, nothing is started, and the reason is said", async () => {
  const doctor = await runCli(["doctor", "--json", "--data", server.dataDir]);
  const said = jsonLines<Diagnosis>(doctor.stdout).find(({ check }) => check === "decoder-sandbox");
  const starting = startServer({ set: { "inspect.sandbox": "required" } });
  if (said?.status === "ok") assert.equal(await (await starting).stop(), true);
  else await assert.rejects(starting, /inspect\.sandbox is "required"/);
});
