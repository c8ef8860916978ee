import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { claimDirectory } from "./claim-directory.ts";
import { compareWithDeclared } from "./compare-with-declared.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { createDecodePool, type DecodeObserver } from "./decode-pool.ts";
import type { Inspection, InspectionRequest, Inspector } from "./inspection.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import { receiveBody } from "./receive-body.ts";
import { siblingModule } from "./sibling-module.ts";

export interface InspectorOptions {
  /** Made where it is missing. This inspector's alone: what an earlier one left in it is removed. */
  readonly temporaryDirectory: string;
  /** How many files are decoded at a time, each in its own process. Default 1. */
  readonly processes?: number;
  /** Wall clock for one file's identification, decoding and encoding. Default 30,000. */
  readonly decodeTimeoutMs?: number;
  /** All frames of an image together. Default 100,000,000. */
  readonly maxPixels?: number;
  /** Resident memory of one decoding process, 115 MB of it before any file. Watched on Linux. Default 1 GiB. */
  readonly maxMemoryBytes?: number;
  /** A decoding process makes way for a fresh one after so many files. Default 200. */
  readonly filesPerProcess?: number;
  /** WebP quality of the derivatives, 1 to 100. Default 80. Pictures of a few pixels are kept exactly instead. */
  readonly webpQuality?: number;
  /** WebP effort, 0 to 6. Default 2: half the time of 4 for files that are 3 to 5 % larger. */
  readonly webpEffort?: number;
  /** The main module of a decoding process, for bundles and tests. Default: the one beside this module. */
  readonly decodeProcess?: URL;
  /** Told of decoding processes. Default: nobody is. */
  readonly observer?: DecodeObserver;
}

/** What a timer of Node can count. */
const maxTimeoutMs = 2 ** 31 - 1;
const temporaryPrefix = "inspection-";
/** The format's own limit for a side, in pixels. */
const maxWebpSide = 16_383;

/**
 * Inspects files: a streamed copy on disk, hashed on the way, then identified and decoded in processes that
 * are killed when they take too long or too much memory. Throws RangeError for an option out of range, and
 * what the file system throws where the temporary directory can't be used.
 */
export function createInspector(options: InspectorOptions): Inspector {
  const decodeTimeoutMs = whole("decodeTimeoutMs", options.decodeTimeoutMs ?? 30_000, 1, maxTimeoutMs);
  const maxPixels = whole("maxPixels", options.maxPixels ?? 100_000_000, 1);
  const webpQuality = whole("webpQuality", options.webpQuality ?? 80, 1, 100);
  const webpEffort = whole("webpEffort", options.webpEffort ?? 2, 0, 6);
  const pool = createDecodePool({
    entry: options.decodeProcess ?? siblingModule("decode-process"),
    processes: whole("processes", options.processes ?? 1, 1),
    filesPerProcess: whole("filesPerProcess", options.filesPerProcess ?? 200, 1),
    limits: {
      timeoutMs: decodeTimeoutMs,
      maxMemoryBytes: whole("maxMemoryBytes", options.maxMemoryBytes ?? 2 ** 30, 1),
    },
    ...(options.observer ? { observer: options.observer } : {}),
  });
  claimDirectory(options.temporaryDirectory, temporaryPrefix);
  let closed = false;

  async function inspect(request: InspectionRequest): Promise<Inspection> {
    if (closed) throw new InspectionFailedError("closed", "The inspector is closed.");
    for (const { width, height } of request.derivatives) {
      whole("a derivative's width", width, 1, maxWebpSide);
      whole("a derivative's height", height, 1, maxWebpSide);
    }
    const path = join(options.temporaryDirectory, `${temporaryPrefix}${randomUUID()}`);
    try {
      const received = await receiveBody(request.body, path, request.declaredSizeBytes, {
        signal: request.signal,
        parts: request.declaredParts,
        ...(isToldByItsHead(request.declaredContentType) ? { keptBytes: keptHeadBytes } : {}),
      });
      const refusal = compareWithDeclared(received, request);
      if (refusal) return refusal;
      const { declaredContentType, allowedContentTypes, derivatives } = request;
      const outcome = await pool.examine(
        { path, declaredContentType, allowedContentTypes, derivatives, maxPixels, webpQuality, webpEffort },
        request.signal,
      );
      return decideVerdict(outcome, received, decodeTimeoutMs);
    } finally {
      await rm(path, { force: true });
    }
  }

  return {
    inspect,
    async close() {
      closed = true;
      await pool.close();
    },
  };
}

/** Formats say what they are in their first kilobytes. */
const keptHeadBytes = 4 * 1024 * 1024;

/**
 * Videos are not decoded, so that gigabytes need not be written to be told by their head. What is another type under
 * a video's name is refused, whether or not more of it would have told which.
 */
const isToldByItsHead = (declaredContentType: string): boolean => declaredContentType.startsWith("video/");

function whole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}.`);
}
