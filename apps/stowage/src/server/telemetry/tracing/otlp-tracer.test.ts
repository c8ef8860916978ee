import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createOtlpTracer } from "./otlp-tracer.ts";
import type { Tracer } from "./tracer.ts";

interface SentSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

/** What a collector is sent of what is drawn, by the spans' names. */
async function spansOf(draw: (tracer: Tracer) => void): Promise<ReadonlyMap<string, SentSpan>> {
  const bodies: Promise<string>[] = [];
  const collector = createServer((request, response) => {
    const body = text(request);
    bodies.push(body);
    body.then(() => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  const { port } = collector.address() as AddressInfo;
  try {
    const url = `http://127.0.0.1:${port}/v1/traces`;
    const tracer = createOtlpTracer({ url, share: 1, process: "worker", version: "0" });
    draw(tracer);
    await tracer.close();
  } finally {
    collector.closeAllConnections();
    await once(collector.close(), "close");
  }
  const sent = (await Promise.all(bodies)).map((body): Sent => JSON.parse(body));
  const spans = sent.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans));
  return new Map(spans.flatMap((scope) => scope.spans).map((span) => [span.name, span]));
}

const parent = { traceId: "01a2140f9abc75b79652e7fba599405d", spanId: "9652e7fba599405d" };
const bootMs = 1_800_000_000_000;

for (const [what, setMs] of [
  ["the wall tells whole milliseconds", 0],
  ["the wall's clock is set back meanwhile", -3_600_000],
  ["the wall's clock is set forward meanwhile", 3_600_000],
] as const)
  test(`what ends before the span around it is told so, where ${what}`, async (t) => {
    /** Since the machine's start, and what the wall's clock was set by since. */
    let [nowMs, wallSetMs] = [1000.9, 0];
    const wall = t.mock.method(Date, "now", () => Math.floor(bootMs + nowMs + wallSetMs));
    const monotonic = t.mock.method(performance, "now", () => nowMs);
    const spans = await spansOf((tracer) => {
      const verify = tracer.start("verify", { parent });
      nowMs = 1001.0;
      wallSetMs = setMs;
      const finish = verify.startChild("finish");
      nowMs = 1001.25;
      finish.end();
      nowMs = 1001.5;
      verify.end();
      wall.mock.restore();
      monotonic.mock.restore();
    });
    const [verify, finish] = [spans.get("verify"), spans.get("finish")];
    assert.ok(verify && finish);
    assert.equal(verify.parentSpanId, parent.spanId);
    assert.equal(finish.parentSpanId, verify.spanId);
    const times = [
      verify.startTimeUnixNano,
      finish.startTimeUnixNano,
      finish.endTimeUnixNano,
      verify.endTimeUnixNano,
    ].map((ns) => Math.round((Number(BigInt(ns) - BigInt(bootMs) * 1_000_000n) / 1e6) * 100) / 100);
    assert.deepEqual(times, [1000, 1000.1, 1000.35, 1000.6]);
  });

test("a span that began before it is drawn ends now, by the wall, or when it is told", async () => {
  const startMs = Date.now() - 5_000;
  const spans = await spansOf((tracer) => {
    tracer.startRoot("create", { at: parent, startMs }).end();
    tracer.start("send", { parent, startMs }).end(startMs + 7);
  });
  const durationOf = (name: string) => {
    const span = spans.get(name);
    assert.ok(span);
    return Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
  };
  assert.ok(durationOf("create") >= 5_000);
  assert.equal(durationOf("send"), 7);
});
