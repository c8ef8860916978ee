import type { Inspection, InspectionRequest, Inspector } from "../ports/inspector.ts";
import { type Scanner, ScannerUnavailableError, type ScanVerdict } from "../ports/scanner.ts";
import { createHandOver } from "./hand-over.ts";

export interface Inspected {
  readonly inspection: Inspection;
  /** What the scanner is, and that it found nothing; absent where the inspector refused before it had said so. */
  readonly scanner?: string;
}

/**
 * Inspects and scans a body in one reading: each chunk goes to both, and the slower one sets the pace. The inspector
 * sees the body's end only once the scanner has called all of it clean, so that what is malware is never decoded.
 *
 * What was found comes before whatever else is wrong with the body, and ends the inspection; an inspector that refuses
 * before the end (too many bytes) ends the scan.
 *
 * @throws ScannerUnavailableError where the scanner could not say
 */
export async function inspectAndScan(
  inspector: Inspector,
  scanner: Scanner,
  request: InspectionRequest,
): Promise<Inspected> {
  const ending = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, ending.signal]) : ending.signal;
  const handOver = createHandOver();
  let isRead = false;
  const scan = settle(
    scanner.scan(handOver.body, { sizeBytes: request.declaredSizeBytes, signal }),
    () => isRead,
  );
  let ended: Settled | undefined;
  let wasTold = false;
  const onScanEnd = scan.then((settled) => {
    ended = settled;
    wasTold = signal.aborted;
    handOver.stopReading();
    // Nobody waits for an inspector that would be refused anyway, and may never be told by a source that stands still.
    if (!isClean(settled)) ending.abort(new ScanEndedError());
  });

  async function* teed(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of request.body) {
        await handOver.give(chunk);
        if (ended) throw new ScanEndedError();
        yield chunk;
      }
      isRead = true;
      handOver.end();
      await onScanEnd;
      if (!ended || !isClean(ended)) throw new ScanEndedError();
    } finally {
      if (!isRead) ending.abort(new ScanEndedError());
    }
  }

  const outcome = await inspector.inspect({ ...request, body: teed(), signal }).then(
    (inspection) => ({ inspection }),
    (error: unknown) => ({ error }),
  );
  if (ended && "verdict" in ended && ended.verdict.verdict === "infected")
    return { inspection: foundMalware(ended.verdict) };
  // How a scan ends that was told to says nothing: the inspector tells why.
  if (ended && "error" in ended && !wasTold) throw ended.error;
  ending.abort(new ScanEndedError());
  if ("error" in outcome) throw outcome.error;
  const { inspection } = outcome;
  if (inspection.verdict === "rejected") return { inspection };
  // Never taken for clean: an inspector that accepts what it has not read to the end has not kept its word.
  if (!ended || "error" in ended || ended.verdict.verdict !== "clean")
    throw new ScannerUnavailableError("failed", "The inspection ended before the scan.");
  return { inspection, scanner: ended.verdict.scanner };
}

type Settled = { readonly verdict: ScanVerdict } | { readonly error: unknown };

const isClean = (settled: Settled): boolean => "verdict" in settled && settled.verdict.verdict === "clean";

const settle = (scan: Promise<ScanVerdict>, isRead: () => boolean): Promise<Settled> =>
  scan.then(
    (verdict) =>
      verdict.verdict === "clean" && !isRead()
        ? { error: new ScannerUnavailableError("failed", "The scanner answered before it had seen all.") }
        : { verdict },
    (error: unknown) => ({ error }),
  );

const foundMalware = ({ name, scanner }: ScanVerdict & { verdict: "infected" }): Inspection => ({
  verdict: "rejected",
  code: "malware",
  detail: `Malware was found in this file: ${name} (${scanner}).`,
});

/** Ends the inspection of what the scan has decided already. */
class ScanEndedError extends Error {
  override readonly name = "ScanEndedError";
}
