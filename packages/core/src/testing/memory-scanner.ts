import {
  type Scanner,
  ScannerUnavailableError,
  type ScanOptions,
  type ScanVerdict,
} from "../ports/scanner.ts";

export interface MemoryScanner extends Scanner {
  /** What is malware, by its name: text that a body holds. May be changed at any time, as signatures are. */
  readonly signatures: Map<string, string>;
  /** While it is true nothing is known of any body. */
  isDown: boolean;
  /** How many bodies were called clean or infected. */
  readonly scanned: { count: number };
}

/** A scanner that knows malware by the text in it. */
export function createMemoryScanner(o: { readonly maxSizeBytes?: number } = {}): MemoryScanner {
  const maxSizeBytes = o.maxSizeBytes ?? Number.MAX_SAFE_INTEGER;
  const signatures = new Map<string, string>();
  const scanned = { count: 0 };
  const scanner: MemoryScanner = {
    maxSizeBytes,
    signatures,
    isDown: false,
    scanned,
    scan: async (body, { sizeBytes, signal }) => {
      if (scanner.isDown) throw new ScannerUnavailableError("unreachable", "The scanner is down.");
      if (sizeBytes > maxSizeBytes) throw tooLarge();
      const bytes = await unlessAborted(readAll(body, maxSizeBytes), signal);
      scanned.count += 1;
      return verdictOn(bytes, signatures);
    },
  };
  return scanner;
}

function verdictOn(bytes: Buffer, signatures: ReadonlyMap<string, string>): ScanVerdict {
  const scanner = `Memory, ${signatures.size} signatures`;
  for (const [name, text] of signatures)
    if (bytes.includes(text)) return { verdict: "infected", scanner, name };
  return { verdict: "clean", scanner };
}

const tooLarge = () => new ScannerUnavailableError("too-large", "The scanner takes no body of this size.");

async function readAll(body: AsyncIterable<Uint8Array>, maxSizeBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxSizeBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof ScannerUnavailableError) throw cause;
    throw new ScannerUnavailableError("aborted", "The body broke off.", { cause });
  }
  return Buffer.concat(chunks);
}

function unlessAborted<T>(work: Promise<T>, signal: ScanOptions["signal"]): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new ScannerUnavailableError("aborted", "The scan was aborted."));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
