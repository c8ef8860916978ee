import { monitorEventLoopDelay, PerformanceObserver, performance } from "node:perf_hooks";
import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";

/** Between two looks at how late the event loop is: often enough to see what people notice, at no cost that can be measured. */
const lagResolutionMs = 50;
const nsPerSecond = 1e9;

/** What every process says of itself, under Prometheus' own names. */
export function measureProcess(registry: Registry): void {
  const registers = [registry];
  const gauge = (metric: string, help: string, read: () => number) =>
    new Gauge({
      name: metric,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const counter = (metric: string, help: string, total: () => number) =>
    new Counter({
      name: metric,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(total());
      },
    });

  counter("process_cpu_seconds_total", "CPU time, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge("process_start_time_seconds", "When the process began, in Unix time.", () => startedAtSeconds);
  gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  gauge("nodejs_heap_size_used_bytes", "JavaScript heap in use.", () => process.memoryUsage().heapUsed);
  counter(
    "nodejs_eventloop_busy_seconds_total",
    "Time that the event loop was at work: a rate of 1 is a process with nothing to spare.",
    () => performance.eventLoopUtilization().active / 1000,
  );
  let gcSeconds = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcSeconds += duration / 1000;
  }).observe({ entryTypes: ["gc"] });
  counter("nodejs_gc_seconds_total", "Time spent on collecting garbage.", () => gcSeconds);

  const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
  lag.enable();
  new Gauge({
    name: "nodejs_eventloop_lag_seconds",
    help: "How late the event loop was since the last scrape, by percentile.",
    labelNames: ["percentile"],
    registers,
    collect() {
      const late = (ns: number) => Math.max(0, ns / nsPerSecond - lagResolutionMs / 1000);
      if (lag.count > 0) {
        this.set({ percentile: "50" }, late(lag.percentile(50)));
        this.set({ percentile: "99" }, late(lag.percentile(99)));
        this.set({ percentile: "100" }, late(lag.max));
      }
      lag.reset();
    },
  });
}

const startedAtSeconds = performance.timeOrigin / 1000;
