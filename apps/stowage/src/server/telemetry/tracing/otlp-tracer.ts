import { type Link, ROOT_CONTEXT, type Span, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { type SpanClock, startSpanClock } from "./span-clock.ts";
import type { SpanPlace } from "./trace-of-upload.ts";
import type { OpenSpan, Tracer } from "./tracer.ts";

/** Spans that wait for a collector; more than these are dropped, never waited for. */
const maxQueueSize = 2048;
const sendEveryMs = 1_000;
const exportTimeoutMs = 5_000;
const closeTimeoutMs = 1_500;

/**
 * Sends spans to a collector by OTLP over HTTP, in JSON, from a bounded queue: a collector that is down or slow costs what
 * it would have been told, and nothing else.
 *
 * @param share of the traces, 0 to 1; decided by the trace's id alone, so that all processes decide alike
 */
export function createOtlpTracer(o: {
  readonly url: string;
  readonly share: number;
  readonly process: string;
  readonly version: string;
}): Tracer {
  /** Taken by the span that is started next. */
  let forced: SpanPlace | undefined;
  const random = new RandomIdGenerator();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.name": "stowage",
      "service.namespace": "stowage",
      "service.version": o.version,
      "stowage.process": o.process,
    }),
    sampler: new TraceIdRatioBasedSampler(o.share),
    idGenerator: {
      generateTraceId: () => forced?.traceId ?? random.generateTraceId(),
      generateSpanId: () => forced?.spanId ?? random.generateSpanId(),
    },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: o.url, timeoutMillis: exportTimeoutMs }),
        maxQueueSize,
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: exportTimeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer("stowage");

  const linksTo = (link: SpanPlace | undefined): { links?: Link[] } =>
    link ? { links: [{ context: { ...link, traceFlags: TraceFlags.NONE, isRemote: true } }] } : {};

  /** A span whose times are all told to the SDK, which left alone takes the wall's at each span's start. */
  const opened = (span: Span, now: SpanClock): OpenSpan => {
    const { traceId, spanId } = span.spanContext();
    return {
      place: { traceId, spanId },
      startChild: (name) =>
        opened(tracer.startSpan(name, { startTime: now() }, trace.setSpan(ROOT_CONTEXT, span)), now),
      add: (attributes) => {
        span.setAttributes(attributes);
      },
      fail: (code) => {
        span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      },
      end: (atMs = now()) => span.end(atMs),
    };
  };

  return {
    startRoot(name, { at, startMs, link }) {
      forced = at;
      try {
        return opened(
          tracer.startSpan(name, { root: true, startTime: startMs, ...linksTo(link) }, ROOT_CONTEXT),
          startSpanClock(),
        );
      } finally {
        forced = undefined;
      }
    },
    start(name, { parent, startMs, link }) {
      const context = trace.setSpanContext(ROOT_CONTEXT, {
        ...parent,
        traceFlags: TraceFlags.SAMPLED,
        isRemote: true,
      });
      const now = startSpanClock();
      return opened(tracer.startSpan(name, { startTime: startMs ?? now(), ...linksTo(link) }, context), now);
    },
    close: async () => {
      const tooLate = new Promise<void>((resolve) => {
        setTimeout(resolve, closeTimeoutMs).unref();
      });
      // A collector that is down is no reason not to stop.
      await Promise.race([provider.shutdown().catch(() => undefined), tooLate]);
    },
  };
}
