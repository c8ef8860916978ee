import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { makeNoisePng, makePng } from "./harness/images.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./harness/otlp-collector.ts";
import { canSeeProcesses } from "./harness/processes.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import {
  completeUpload,
  createUpload,
  emptyPromise,
  getUpload,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";

let collector: Collector;
let server: Server;
let person: Person;

before(async () => {
  collector = await startCollector();
  server = await startServer({ set: { "tracing.otlpUrl": collector.url, "worker.leaseSeconds": 2 } });
  person = await addPerson(server);
});
after(async () => {
  await server.stop();
  await collector.stop();
});

const traceIdOf = (uploadId: string): string => uploadId.replaceAll("-", "");

/** Waits until a trace has these spans, whatever else it has. */
const traceOf = (uploadId: string, names: readonly string[]): Promise<Map<string, ReceivedSpan>> =>
  waitFor(`the spans ${names.join(", ")}`, () => {
    const spans = collector.spans().filter(({ traceId }) => traceId === traceIdOf(uploadId));
    const byName = new Map(spans.map((span) => [span.name, span]));
    return names.every((name) => byName.has(name)) && byName;
  });

function spanOf(spans: ReadonlyMap<string, ReceivedSpan>, name: string): ReceivedSpan {
  const span = spans.get(name);
  assert.ok(span, `no span ${name}`);
  return span;
}

test("a file's way from create to ready is one trace over two processes, in order, each span below its cause", async () => {
  const picture = await makePng();
  const ready = await uploadToEnd(person.api, picture, { name: "very-private-name.png" });
  const spans = await traceOf(ready.id, [
    "create",
    "send",
    "complete",
    "verify",
    "promote",
    "read",
    "inspect",
    "finish",
  ]);
  const create = spanOf(spans, "create");
  assert.equal(create.parentSpanId ?? "", "");
  const verify = spanOf(spans, "verify");
  for (const name of ["send", "complete", "verify"])
    assert.equal(spanOf(spans, name).parentSpanId, create.spanId, name);
  for (const name of ["promote", "read", "inspect", "finish"])
    assert.equal(spanOf(spans, name).parentSpanId, verify.spanId, name);
  assert.equal(create.resource["stowage.process"], "api");
  assert.equal(verify.resource["stowage.process"], "worker");
  assert.equal(create.resource["service.name"], "stowage");

  const order = ["create", "send", "complete", "verify", "promote", "read", "finish"];
  const starts = order.map((name) => spanOf(spans, name).startNs);
  assert.deepEqual(
    starts,
    [...starts].sort((one, other) => Number(one - other)),
    order.join(" ≤ "),
  );
  for (const span of spans.values()) assert.ok(span.endNs >= span.startNs, span.name);
  for (const name of ["promote", "read", "inspect", "finish"]) {
    const { startNs, endNs } = spanOf(spans, name);
    assert.ok(startNs >= verify.startNs && endNs <= verify.endNs, `${name} lies within verify`);
  }

  assert.equal(create.attributes["stowage.upload.id"], ready.id);
  assert.equal(create.attributes["stowage.upload.size_bytes"], picture.length);
  assert.equal(create.attributes["stowage.upload.content_type"], "image/png");
  assert.equal(spanOf(spans, "complete").attributes["stowage.noticed_by"], "client");
  assert.equal(spanOf(spans, "read").attributes["stowage.size_bytes"], picture.length);
  assert.equal(verify.attributes["stowage.attempt"], 1);
  assert.equal(verify.attributes["stowage.outcome"], "ready");
});

test("a file that is refused says why in its trace", async () => {
  const rejected = await uploadToEnd(person.api, Buffer.from("no picture"));
  const spans = await traceOf(rejected.id, ["create", "verify", "inspect", "finish"]);
  assert.equal(spanOf(spans, "verify").attributes["stowage.outcome"], "rejected");
  assert.equal(spanOf(spans, "finish").attributes["stowage.rejection.code"], "type-mismatch");
});

test("one whose worker was killed is taken up again in the same trace", {
  skip: !canSeeProcesses,
}, async () => {
  // Takes long enough to be caught at it.
  const upload = await sendUpload(person.api, await makeNoisePng(2400, 2400));
  await completeUpload(person.api, upload.id);
  await waitFor(
    "the upload to be taken up",
    async () => (await getUpload(person.api, upload.id)).state === "verifying",
    { everyMs: 5 },
  );
  const worker = server.process("worker");
  assert.ok(worker);
  process.kill(worker, "SIGKILL");
  const ended = await waitForEnd(person.api, upload.id);
  assert.equal(ended.state, "ready");
  const spans = await traceOf(upload.id, ["create", "complete", "verify", "finish"]);
  const verify = spanOf(spans, "verify");
  assert.equal(verify.parentSpanId, spanOf(spans, "create").spanId);
  assert.equal(verify.attributes["stowage.attempt"], 2);
  assert.equal(verify.attributes["stowage.outcome"], "ready");
  assert.deepEqual(
    (await getUpload(person.api, upload.id)).events
      ?.filter(({ type }) => type === "verifying")
      .map(({ detail }) => detail),
    ["Taken up by a worker.", "Taken up by a worker, 2nd try: the worker before stopped without a word."],
  );
});

test("the client's own trace is linked from those that its requests begin", async () => {
  const [traceId, spanId] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
  const answer = await person.api.send<{ items: { upload: { id: string } }[] }>("POST", "/v1/uploads", {
    json: { files: [emptyPromise(10)] },
    headers: { traceparent: `00-${traceId}-${spanId}-01` },
  });
  const id = answer.body.items[0]?.upload.id ?? "";
  const create = spanOf(await traceOf(id, ["create"]), "create");
  assert.deepEqual(create.links, [{ traceId, spanId }]);
  assert.equal(create.traceId, traceIdOf(id));
});

test("an upload that is aborted ends its trace by that", async () => {
  const { id } = await createUpload(person.api, emptyPromise(10));
  await person.api.delete(`/v1/uploads/${id}`);
  const spans = await traceOf(id, ["create", "abort"]);
  assert.equal(spanOf(spans, "abort").attributes["stowage.abort.code"], "by-owner");
});

test("nothing that was sent to the collector holds a name, a key, a signature or a token", () => {
  const text = collector.text();
  for (const word of ["very-private", "X-Amz", "uploads/", "files/", person.email, person.token.slice(-40)])
    assert.ok(!text.includes(word), word);
});

test("a collector that is not there hurts nobody", async () => {
  const lonely = await startServer({ set: { "tracing.otlpUrl": "http://127.0.0.1:9/v1/traces" } });
  try {
    const { api } = await addPerson(lonely);
    assert.equal((await uploadToEnd(api, await makePng())).state, "ready");
  } finally {
    assert.ok(await lonely.stop(), "it stops as ever");
  }
});

test("of a share of the traces each is sent whole or not at all", async () => {
  const half = await startServer({
    set: { "tracing.otlpUrl": collector.url, "tracing.samplePercent": 50 },
  });
  const ids: string[] = [];
  try {
    const { api } = await addPerson(half);
    for (let round = 0; round < 16; round += 1) ids.push((await uploadToEnd(api, await makePng())).id);
  } finally {
    await half.stop();
  }
  const sampled = ids.map(
    (id) =>
      new Set(
        collector
          .spans()
          .filter((span) => span.traceId === traceIdOf(id))
          .map(({ name }) => name),
      ),
  );
  for (const names of sampled)
    assert.ok(
      names.size === 0 || ["create", "complete", "verify", "finish"].every((name) => names.has(name)),
      [...names].join(),
    );
  const count = sampled.filter(({ size }) => size > 0).length;
  assert.ok(count > 0 && count < ids.length, `${count} of ${ids.length}`);
});
