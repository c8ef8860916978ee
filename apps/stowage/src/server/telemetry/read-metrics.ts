import { AggregatorRegistry, Counter, Gauge, Registry } from "prom-client";
import type { CountedMetrics, ProcessMetrics } from "../process-setup.ts";

/**
 * One exposition of what all processes have counted: series of the same labels are added up. A process that did not
 * answer is told by `stowage_process_up`, and lacks what only it counts.
 *
 * @param own of the process that is asked, which is up
 */
export async function readMetrics(o: {
  readonly own: { readonly process: string; readonly metrics: CountedMetrics };
  readonly others: readonly ProcessMetrics[];
  readonly version: string;
}): Promise<{ readonly contentType: string; readonly text: string }> {
  const about = new Registry();
  const registers = [about];
  new Gauge({
    name: "stowage_build_info",
    help: "Always 1; the version is a label.",
    labelNames: ["version"],
    registers,
  }).set({ version: o.version }, 1);
  const up = new Gauge({
    name: "stowage_process_up",
    help: "Whether the process answered this scrape.",
    labelNames: ["process"],
    registers,
  });
  const restarts = new Counter({
    name: "stowage_process_restarts_total",
    help: "How often the process was started again, having ended by itself.",
    labelNames: ["process"],
    registers,
  });
  up.set({ process: o.own.process }, 1);
  for (const { process, restarts: count, metrics } of o.others) {
    if (process !== o.own.process) up.set({ process }, metrics ? 1 : 0);
    restarts.inc({ process }, count);
  }
  const counted = [
    await about.getMetricsAsJSON(),
    o.own.metrics,
    ...o.others.flatMap((each) => (each.metrics ? [each.metrics] : [])),
  ];
  const merged = AggregatorRegistry.aggregate(counted.map((each) => [...each]));
  return { contentType: merged.contentType, text: await merged.metrics() };
}
