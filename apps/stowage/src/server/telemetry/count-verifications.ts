import {
  type Inspector,
  InspectorUnavailableError,
  type ProcessOutcome,
  ScannerUnavailableError,
  StoreRefusedError,
  StoreUnavailableError,
} from "@stowage/core";
import { InspectionFailedError, type InspectorOptions } from "@stowage/inspect";
import { Counter, Histogram, type Registry } from "prom-client";

const seconds = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

export interface VerificationCounts {
  /** The same inspector, timed. */
  timed(inspector: Inspector): Inspector;
  readonly decodeObserver: NonNullable<InspectorOptions["observer"]>;
  /** How one verification came out. */
  ended(result: ProcessOutcome): void;
}

/** Counts what the worker does with what it has taken up. */
export function countVerifications(registry: Registry): VerificationCounts {
  const registers = [registry];
  const inspections = new Histogram({
    name: "stowage_inspection_duration_seconds",
    help: "Reading, hashing, decoding and drawing of one file, by its declared kind and the verdict.",
    labelNames: ["kind", "verdict"],
    buckets: seconds,
    registers,
  });
  const postponed = new Counter({
    name: "stowage_verifications_postponed_total",
    help: "Verifications that were given back to be tried again, by cause.",
    labelNames: ["cause"],
    registers,
  });
  for (const cause of postponementCauses) postponed.inc({ cause }, 0);
  const stale = new Counter({
    name: "stowage_verifications_lost_total",
    help: "Verifications that another worker had taken over before they ended.",
    registers,
  });
  const started = new Counter({
    name: "stowage_decode_processes_started_total",
    help: "Decoding processes that were started.",
    registers,
  });
  const decoded = new Counter({
    name: "stowage_decodes_total",
    help: "How decoding processes came to the end of a file.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["examined", "timed-out", "out-of-memory", "crashed"]) decoded.inc({ outcome }, 0);

  return {
    timed: (inspector) => ({
      inspect: async (request) => {
        const end = inspections.startTimer({ kind: kindOf(request.declaredContentType) });
        try {
          const inspection = await inspector.inspect(request);
          end({ verdict: inspection.verdict });
          return inspection;
        } catch (error) {
          end({ verdict: "none" });
          throw error;
        }
      },
    }),
    decodeObserver: { started: () => started.inc(), ended: (outcome) => decoded.inc({ outcome }) },
    ended: (result) => {
      if (result.outcome === "postponed") postponed.inc({ cause: causeOf(result.cause) });
      else if (result.outcome === "stale") stale.inc();
    },
  };
}

/** What a client says of a type is its own words: only those that there are metrics for. */
function kindOf(contentType: string): "image" | "document" | "video" {
  const [kind] = contentType.split("/", 1);
  return kind === "image" || kind === "video" ? kind : "document";
}

const postponementCauses = ["storage", "damaged-object", "decoder", "scanner", "stopped", "failed"] as const;

function causeOf(error: unknown): (typeof postponementCauses)[number] {
  if (error instanceof ScannerUnavailableError) return error.failure === "aborted" ? "stopped" : "scanner";
  if (error instanceof StoreUnavailableError || error instanceof StoreRefusedError) return "storage";
  if (error instanceof InspectorUnavailableError) {
    const { cause } = error;
    const isStop =
      cause instanceof InspectionFailedError && (cause.code === "aborted" || cause.code === "closed");
    return isStop ? "stopped" : "decoder";
  }
  return error instanceof Error && error.name === "ObjectUnreadableError" ? "damaged-object" : "failed";
}
