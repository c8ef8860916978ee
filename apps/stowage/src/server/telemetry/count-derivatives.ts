import type { MakeOutcome } from "@stowage/core";
import { Counter, Histogram, type Registry } from "prom-client";

const seconds = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

const outcomes = [
  "made",
  "failed",
  "dropped",
  "postponed",
  "stale",
] as const satisfies readonly MakeOutcome["outcome"][];

/** Counts what comes of derivatives that were asked for and taken up, and how long those took that were made or can't be. */
export function countDerivatives(registry: Registry): (result: MakeOutcome, tookMs: number) => void {
  const registers = [registry];
  const ends = new Counter({
    name: "stowage_derivatives_total",
    help: "Derivatives that a worker took up since somebody asked for them, by what came of it.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of outcomes) ends.inc({ outcome }, 0);
  const durations = new Histogram({
    name: "stowage_derivative_duration_seconds",
    help: "Making one of the file's bytes, until it is made or known that it can't be.",
    labelNames: ["outcome"],
    buckets: seconds,
    registers,
  });
  return ({ outcome }, tookMs) => {
    ends.inc({ outcome });
    if (outcome === "made" || outcome === "failed") durations.observe({ outcome }, tookMs / 1000);
  };
}
