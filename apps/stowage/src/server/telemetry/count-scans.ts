import { type Scanner, ScannerUnavailableError, scannerFailures } from "@stowage/core";
import { Counter, Histogram, type Registry } from "prom-client";

const seconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** The same scanner, each of whose scans is counted and timed by how it came out. */
export function countScans(registry: Registry): (scanner: Scanner) => Scanner {
  const registers = [registry];
  const scans = new Counter({
    name: "stowage_scans_total",
    help: "Scans for malware by their outcome: clean, infected, or why nothing is known.",
    labelNames: ["outcome"],
    registers,
  });
  const durations = new Histogram({
    name: "stowage_scan_duration_seconds",
    help: "Scans for malware that came to a verdict, the reading of the file included.",
    buckets: seconds,
    registers,
  });
  for (const outcome of ["clean", "infected", ...scannerFailures]) scans.inc({ outcome }, 0);
  return (scanner) => ({
    maxSizeBytes: scanner.maxSizeBytes,
    scan: async (body, options) => {
      const end = durations.startTimer();
      try {
        const result = await scanner.scan(body, options);
        end();
        scans.inc({ outcome: result.verdict });
        return result;
      } catch (error) {
        scans.inc({ outcome: error instanceof ScannerUnavailableError ? error.failure : "failed" });
        throw error;
      }
    },
  });
}
