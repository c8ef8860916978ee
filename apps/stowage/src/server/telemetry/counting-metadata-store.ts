import type { FinishResult, MetadataStore } from "@stowage/core";
import { rejectionCodes } from "@stowage/protocol";
import { Counter, Histogram, type Registry } from "prom-client";

/** Who noticed that bytes had arrived unsaid: events of the store come to the API, the sweeper runs in the worker. */
export type Noticer = "store-event" | "sweeper";

/** From at once to the better part of an hour, after which what can't be read is given up. */
const waitSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/**
 * The same store, with what becomes of uploads counted once it is written: what a command refused, or what another
 * process had done before, counts for nothing.
 *
 * @param noticer who it is that completes what no client completed
 */
export function countingMetadataStore<Store extends MetadataStore>(
  metadata: Store,
  registry: Registry,
  noticer: Noticer,
): Store {
  const registers = [registry];
  const completed = new Counter({
    name: "stowage_uploads_completed_total",
    help: "Uploads whose bytes the storage has, by who noticed: the client, the storage's event, the sweeper.",
    labelNames: ["by"],
    registers,
  });
  for (const by of ["client", noticer]) completed.inc({ by }, 0);
  const claims = new Counter({
    name: "stowage_verifications_begun_total",
    help: "Uploads taken up by a worker, by whether it was the first try.",
    labelNames: ["try"],
    registers,
  });
  const ends = new Counter({
    name: "stowage_upload_ends_total",
    help: "Uploads that ended, by result (ready, rejected, aborted) and the cause's code.",
    labelNames: ["result", "code"],
    registers,
  });
  ends.inc({ result: "ready", code: "" }, 0);
  for (const code of rejectionCodes) ends.inc({ result: "rejected", code }, 0);
  for (const code of ["by-owner", "expired"]) ends.inc({ result: "aborted", code }, 0);
  const acceptedBytes = new Counter({
    name: "stowage_accepted_bytes_total",
    help: "Bytes of the files that became ready.",
    registers,
  });
  const waits = new Histogram({
    name: "stowage_complete_to_end_seconds",
    help: "From the bytes' arrival being noticed to ready or rejected: what a person waits.",
    labelNames: ["result"],
    buckets: waitSeconds,
    registers,
  });

  const observeWait = async (uploadId: string, result: FinishResult) => {
    const events = await metadata.listUploadEvents(uploadId);
    const arrived = events.findLast(({ type }) => type === "uploaded");
    const ended = events.findLast(({ type }) => type === result.kind);
    if (arrived && ended)
      waits.observe({ result: result.kind }, Math.max(0, ended.atMs - arrived.atMs) / 1000);
  };

  return {
    ...metadata,
    completeUpload: async (command) => {
      const result = await metadata.completeUpload(command);
      if (result.outcome === "completed")
        completed.inc({ by: command.actor === "system" ? noticer : "client" });
      return result;
    },
    abortUpload: async (command) => {
      const result = await metadata.abortUpload(command);
      if (result.outcome === "aborted")
        ends.inc({ result: "aborted", code: command.actor === "system" ? "expired" : "by-owner" });
      return result;
    },
    claimUpload: async (command) => {
      const upload = await metadata.claimUpload(command);
      if (upload) claims.inc({ try: upload.attempt === 1 ? "first" : "again" });
      return upload;
    },
    finishUpload: async (command) => {
      const outcome = await metadata.finishUpload(command);
      if (outcome !== "finished") return outcome;
      const { result } = command;
      ends.inc({ result: result.kind, code: result.kind === "rejected" ? result.rejection.code : "" });
      if (result.kind === "ready") acceptedBytes.inc(result.facts.sizeBytes);
      // What is counted must not undo what is written; a read that fails is missing in the histogram.
      await observeWait(command.uploadId, result).catch(() => undefined);
      return outcome;
    },
  };
}
