import type { ProcessSetup } from "../../process-setup.ts";
import type { Tracer } from "./tracer.ts";

/** The tracer of a process; `undefined`, and nothing loaded, where traces are off. */
export async function openTracer(setup: ProcessSetup, process: string): Promise<Tracer | undefined> {
  const url = setup.configuration["tracing.otlpUrl"];
  if (url === "") return undefined;
  const { createOtlpTracer } = await import("./otlp-tracer.ts");
  return createOtlpTracer({
    url,
    share: setup.configuration["tracing.samplePercent"] / 100,
    process,
    version: setup.version,
  });
}
