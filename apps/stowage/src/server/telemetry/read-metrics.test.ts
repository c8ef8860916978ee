import assert from "node:assert/strict";
import { test } from "node:test";
import { Counter, Histogram, Registry } from "prom-client";
import { createAsking } from "./collect-from-processes.ts";
import { readMetrics } from "./read-metrics.ts";

/** What a process sends: JSON, as the channel between them makes it. */
async function countedBy(name: string, count: number): Promise<object[]> {
  const registry = new Registry();
  registry.setDefaultLabels({ process: name });
  new Counter({ name: "calls_total", help: "Calls.", registers: [registry] }).inc(count);
  const waits = new Histogram({ name: "wait_seconds", help: "Waits.", buckets: [1], registers: [registry] });
  for (let each = 0; each < count; each += 1) waits.observe(each);
  return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as object[];
}

test("processes keep their own series, and one that did not answer is told", async () => {
  const { text } = await readMetrics({
    own: { process: "api", metrics: await countedBy("api", 3) },
    others: [
      { process: "api", restarts: 2 },
      { process: "worker", restarts: 0, metrics: await countedBy("worker", 2) },
      { process: "bucket", restarts: 1 },
    ],
    version: "1.2.3",
  });
  for (const line of [
    'calls_total{process="api"} 3',
    'calls_total{process="worker"} 2',
    'wait_seconds_bucket{le="1",process="api"} 2',
    'wait_seconds_count{process="worker"} 2',
    'stowage_process_up{process="api"} 1',
    'stowage_process_up{process="worker"} 1',
    'stowage_process_up{process="bucket"} 0',
    'stowage_process_restarts_total{process="api"} 2',
    'stowage_build_info{version="1.2.3"} 1',
  ])
    assert.ok(text.split("\n").includes(line), `${line} is not in\n${text}`);
  assert.equal(text.match(/^# TYPE calls_total/gm)?.length, 1);
});

test("an answer that comes late, twice or unasked changes nothing", async () => {
  const asking = createAsking<string>(20);
  const ids: number[] = [];
  const first = asking.ask((id) => ids.push(id));
  const second = asking.ask((id) => ids.push(id));
  asking.answer(ids[1] ?? 0, "two");
  asking.answer(ids[1] ?? 0, "again");
  asking.answer(99, "unasked");
  assert.equal(await second, "two");
  assert.equal(await first, undefined);
  asking.answer(ids[0] ?? 0, "late");
});
