import { AsyncLocalStorage } from "node:async_hooks";
import type {
  Inspection,
  Inspector,
  MetadataStore,
  ObjectStore,
  ProcessOutcome,
  UploadRecord,
} from "@stowage/core";
import { traceOfUpload } from "./trace-of-upload.ts";
import type { OpenSpan, SpanAttributes, Tracer } from "./tracer.ts";

export interface VerificationTraces {
  /** Draws one verification, and what is done meanwhile by the ports below as its children. */
  verification(upload: UploadRecord, run: () => Promise<ProcessOutcome>): Promise<ProcessOutcome>;
  metadata<Store extends MetadataStore>(store: Store): Store;
  objects(store: ObjectStore): ObjectStore;
  inspector(inspector: Inspector): Inspector;
}

/** Draws the worker's part: promote, read, decode, store derivatives, finish. */
export function traceVerifications(tracer: Tracer): VerificationTraces {
  /** The verification that what runs belongs to. */
  const current = new AsyncLocalStorage<OpenSpan>();

  async function child<Result>(
    name: string,
    run: () => Promise<Result>,
    attributesOf: (result: Result) => SpanAttributes = () => ({}),
  ): Promise<Result> {
    const span = current.getStore()?.startChild(name);
    if (!span) return run();
    try {
      const result = await run();
      span.add(attributesOf(result));
      return result;
    } catch (error) {
      span.fail(error instanceof Error && "code" in error ? String(error.code) : "failed");
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    async verification(upload, run) {
      const parent = traceOfUpload(upload.id);
      if (!parent) return run();
      const span = tracer.start("verify", { parent });
      span.add({ "stowage.upload.id": upload.id, "stowage.attempt": upload.attempt });
      try {
        const result = await current.run(span, run);
        span.add({ "stowage.outcome": result.outcome });
        if (result.outcome === "postponed") span.fail("postponed");
        return result;
      } catch (error) {
        span.fail("failed");
        throw error;
      } finally {
        span.end();
      }
    },

    metadata: (store) => ({
      ...store,
      finishUpload: (command) =>
        child(
          "finish",
          () => store.finishUpload(command),
          (outcome): SpanAttributes => ({
            "stowage.finish": outcome,
            "stowage.result": command.result.kind,
            ...(command.result.kind === "rejected"
              ? { "stowage.rejection.code": command.result.rejection.code }
              : {}),
          }),
        ),
    }),

    objects: (store) => ({
      ...store,
      copy: (copy) => child("promote", () => store.copy(copy)),
      put: (put) =>
        child(
          "store derivative",
          () => store.put(put),
          () => ({ "stowage.size_bytes": put.body.byteLength }),
        ),
    }),

    inspector: (inspector) => ({
      inspect: (request) =>
        child(
          "inspect",
          () => inspector.inspect({ ...request, body: drawn(request.body) }),
          (inspection: Inspection): SpanAttributes => ({
            "stowage.verdict": inspection.verdict,
            ...(inspection.verdict === "rejected" ? { "stowage.rejection.code": inspection.code } : {}),
          }),
        ),
    }),
  };

  /** Reading and hashing: from the first byte that is asked for to the last. What the inspection does after it is decoding. */
  async function* drawn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const span = current.getStore()?.startChild("read");
    let sizeBytes = 0;
    try {
      for await (const chunk of body) {
        sizeBytes += chunk.byteLength;
        yield chunk;
      }
    } finally {
      span?.add({ "stowage.size_bytes": sizeBytes });
      span?.end();
    }
  }
}
