import type { SpanPlace } from "./trace-of-upload.ts";

/** What a span may say: ids, sizes, types and codes. No names, no keys, no URLs. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface OpenSpan {
  readonly place: SpanPlace;
  /** What is done within it, from now on, by the same clock: it ends no later where it is ended first. */
  startChild(name: string): OpenSpan;
  add(attributes: SpanAttributes): void;
  /** It came to nothing. */
  fail(code: string): void;
  /** @param atMs default now */
  end(atMs?: number): void;
}

/** Draws what happens to uploads. Nothing that is drawn waits for whoever is told of it. */
export interface Tracer {
  /** The first span of an upload's trace, under the id that {@link traceOfUpload} says. */
  startRoot(
    name: string,
    span: { readonly at: SpanPlace; readonly startMs: number; readonly link?: SpanPlace | undefined },
  ): OpenSpan;
  start(
    name: string,
    span: { readonly parent: SpanPlace; readonly startMs?: number; readonly link?: SpanPlace | undefined },
  ): OpenSpan;
  /** Sends what waits, for a second or two, and no longer. */
  close(): Promise<void>;
}
