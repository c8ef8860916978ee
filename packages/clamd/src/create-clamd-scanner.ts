import { type Scanner, ScannerUnavailableError, type ScanOptions, type ScanVerdict } from "@stowage/core";
import { defaultStreamMaxLengthBytes } from "./bounds.ts";
import type { ClamdAddress } from "./clamd-address.ts";
import { type ExchangeLimits, openExchange } from "./open-exchange.ts";
import { parseScanAnswer } from "./parse-scan-answer.ts";
import { type ClamdVersion, describeVersion, parseVersion } from "./parse-version.ts";
import { instreamCommand, lengthOf, sendStream } from "./send-stream.ts";
import { takeTurns } from "./take-turns.ts";

export interface ClamdScannerOptions extends Partial<ExchangeLimits> {
  readonly address: ClamdAddress;
  /** At most clamd's StreamMaxLength, MaxFileSize and MaxScanSize. Default {@link defaultStreamMaxLengthBytes}. */
  readonly maxSizeBytes?: number;
  /** Scans at a time, each on a connection of its own; others wait. Less than clamd's MaxThreads (10). Default 4. */
  readonly connections?: number;
  readonly now?: () => number;
}

export interface ClamdScanner extends Scanner {
  /** @throws ScannerUnavailableError */
  ping(): Promise<void>;
  /** @throws ScannerUnavailableError */
  version(): Promise<ClamdVersion>;
  /**
   * Whether clamd would take a body of `maxSizeBytes`, without sending it: it refuses a chunk that is too long when
   * it has read its length.
   *
   * @param waitMs how long its silence must last to be taken for consent
   * @throws ScannerUnavailableError
   */
  takesMaxSize(waitMs: number): Promise<boolean>;
}

/** How long what clamd said of its version is said of scans: signatures change a few times a day. */
const versionLifeMs = 30_000;

/**
 * Scans with ClamAV's daemon: INSTREAM over its local socket or TCP. Waits at most 5 s for a connection, 180 s for clamd
 * to take or say something (more than its MaxScanTime of 120 s), and 30 minutes for one scan in all.
 */
export function createClamdScanner(options: ClamdScannerOptions): ClamdScanner {
  const { address, maxSizeBytes = defaultStreamMaxLengthBytes, connections = 4, now = Date.now } = options;
  const limits: ExchangeLimits = {
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 180_000,
    overallTimeoutMs: options.overallTimeoutMs ?? 30 * 60_000,
  };
  const inTurn = takeTurns(connections);
  let known: { readonly atMs: number; readonly words: Promise<string> } | undefined;

  const ask = async (command: string): Promise<string> => {
    const exchange = openExchange(address, { ...limits, overallTimeoutMs: limits.connectTimeoutMs * 2 });
    await exchange.finish(Buffer.from(`z${command}\0`, "latin1"));
    return (await exchange.answer).text;
  };
  const version = async (): Promise<ClamdVersion> => {
    const answer = await ask("VERSION");
    const parsed = parseVersion(answer);
    if (parsed) return parsed;
    throw new ScannerUnavailableError("failed", `Not a clamd: ${JSON.stringify(answer.slice(0, 200))}.`);
  };
  /** A verdict is one, whether or not clamd also says its version. */
  const words = (): Promise<string> => {
    if (known && now() - known.atMs <= versionLifeMs) return known.words;
    const asked = version().then(describeVersion, () => {
      known = undefined;
      return "ClamAV";
    });
    known = { atMs: now(), words: asked };
    return asked;
  };

  async function scanNow(
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<ScanVerdict> {
    const scanner = words();
    const exchange = openExchange(address, limits, signal);
    // Not waited for: a body that stands still must not keep an answer.
    sendStream(exchange, body, maxSizeBytes).catch((error: unknown) =>
      exchange.fail("failed", "The body could not be sent.", error),
    );
    const { text, isToAll } = await exchange.answer;
    const answer = parseScanAnswer(text);
    if (answer.verdict === "infected") return { ...answer, scanner: await scanner };
    if (!isToAll) throw new ScannerUnavailableError("failed", "clamd answered before it had been sent all.");
    return { verdict: "clean", scanner: await scanner };
  }

  return {
    maxSizeBytes,
    version,
    ping: async () => {
      const answer = await ask("PING");
      if (answer !== "PONG")
        throw new ScannerUnavailableError("failed", `Not a clamd: ${JSON.stringify(answer.slice(0, 200))}.`);
    },
    takesMaxSize: async (waitMs) => {
      const exchange = openExchange(address, limits);
      await exchange.write(instreamCommand, lengthOf(maxSizeBytes));
      const silence = Promise.withResolvers<"silence">();
      const timer = setTimeout(() => silence.resolve("silence"), waitMs);
      try {
        const answer = await Promise.race([exchange.answer, silence.promise]);
        if (answer === "silence") return true;
        parseScanAnswer(answer.text);
        throw new ScannerUnavailableError("failed", "clamd answered before it had been sent all.");
      } catch (error) {
        if (error instanceof ScannerUnavailableError && error.failure === "too-large") return false;
        throw error;
      } finally {
        clearTimeout(timer);
        exchange.fail("aborted", "Nothing more was to be learnt.");
      }
    },
    scan: async (body, { sizeBytes, signal }: ScanOptions) => {
      if (sizeBytes > maxSizeBytes)
        throw new ScannerUnavailableError(
          "too-large",
          `The scanner takes ${maxSizeBytes} bytes at most, and this body has ${sizeBytes}.`,
        );
      try {
        return await inTurn(() => scanNow(body, signal), signal);
      } catch (error) {
        if (error instanceof ScannerUnavailableError || !signal?.aborted) throw error;
        throw new ScannerUnavailableError("aborted", "The scan was aborted.", { cause: error });
      }
    },
  };
}
