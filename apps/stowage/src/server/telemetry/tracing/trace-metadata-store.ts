import { AsyncLocalStorage } from "node:async_hooks";
import type { MetadataStore, UploadRecord } from "@stowage/core";
import { type SpanPlace, traceOfUpload } from "./trace-of-upload.ts";
import type { SpanAttributes, Tracer } from "./tracer.ts";

/** The client's own span, of the request that is answered. */
export const clientSpan = new AsyncLocalStorage<SpanPlace | undefined>();

/** What every first look at an upload asks. */
const attributesOf = (upload: UploadRecord): SpanAttributes => ({
  "stowage.upload.id": upload.id,
  "stowage.upload.size_bytes": upload.sizeBytes,
  "stowage.upload.content_type": upload.contentType,
  "stowage.upload.transfer": upload.multipart ? "multipart" : "put",
});

/** The same store, with an upload's create, send, complete and abort drawn once they are written. */
export function traceMetadataStore<Store extends MetadataStore>(metadata: Store, tracer: Tracer): Store {
  return {
    ...metadata,
    createUploads: async (command) => {
      const startMs = Date.now();
      const outcomes = await metadata.createUploads(command);
      const link = clientSpan.getStore();
      for (const outcome of outcomes) {
        if (outcome.outcome !== "created") continue;
        const at = traceOfUpload(outcome.upload.id);
        if (!at) continue;
        const span = tracer.startRoot("create", { at, startMs, link });
        span.add(attributesOf(outcome.upload));
        span.end();
      }
      return outcomes;
    },
    completeUpload: async (command) => {
      const startMs = Date.now();
      const result = await metadata.completeUpload(command);
      const parent = traceOfUpload(command.uploadId);
      if (result.outcome !== "completed" || !parent) return result;
      const by = command.actor === "system" ? "system" : "client";
      const about = { ...attributesOf(result.upload), "stowage.noticed_by": by };
      // What the client did with the bytes nobody saw but the store: from when it could to when they were known to be there.
      const send = tracer.start("send", { parent, startMs: result.upload.createdAtMs });
      send.add(about);
      send.end(startMs);
      const complete = tracer.start("complete", { parent, startMs, link: clientSpan.getStore() });
      complete.add(about);
      complete.end();
      return result;
    },
    abortUpload: async (command) => {
      const startMs = Date.now();
      const result = await metadata.abortUpload(command);
      const parent = traceOfUpload(command.uploadId);
      if (result.outcome !== "aborted" || !parent) return result;
      const abort = tracer.start("abort", { parent, startMs, link: clientSpan.getStore() });
      abort.add({
        "stowage.upload.id": command.uploadId,
        "stowage.abort.code": command.actor === "system" ? "expired" : "by-owner",
      });
      abort.end();
      return result;
    },
  };
}
