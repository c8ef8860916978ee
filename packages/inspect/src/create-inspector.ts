import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { claimDirectory } from "./claim-directory.ts";
import { compareWithDeclared } from "./compare-with-declared.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { createDecodePool, type DecodeObserver } from "./decode-pool.ts";
import { giveRendition } from "./give-rendition.ts";
import type { Inspection, InspectionRequest, Inspector } from "./inspection.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import { drawFilm } from "./poster/draw-film.ts";
import { hasFrames } from "./poster/take-frame.ts";
import { receiveBody } from "./receive-body.ts";
import { type ChosenSandbox, chooseSandbox, type SandboxChoice } from "./sandbox/choose-sandbox.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { siblingModule } from "./sibling-module.ts";

export interface InspectorOptions {
  /** Made where it is missing. This inspector's alone: what an earlier one left in it is removed. */
  readonly temporaryDirectory: string;
  /** How many files are decoded at a time, each in its own process. Default 1. */
  readonly processes?: number;
  /** Wall clock for one file's identification, decoding and encoding, and a second more for every 32 MiB that it has. Default 30,000. */
  readonly decodeTimeoutMs?: number;
  /**
   * Wall clock for the pictures of a document, or for what others get of a film, that is known to be sound by then; and a second
   * more for every 32 MiB that it has. Default 10,000.
   */
  readonly drawTimeoutMs?: number;
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
  /** What decoding processes are kept from by the operating system: the choice, or a sandbox of your own. Default `auto`. */
  readonly sandbox?: SandboxChoice | Sandbox;
  /** Absolute path of ffmpeg, which takes the frame that pictures of films are made of. Default: films have no pictures. */
  readonly ffmpeg?: string | undefined;
  /** Told of decoding processes. Default: nobody is. */
  readonly observer?: DecodeObserver;
}

/** What a timer of Node can count. */
const maxTimeoutMs = 2 ** 31 - 1;
/** A film is read twice to its end to say what others get of it; a slow disk of a busy machine gives so much of it in a second. */
const readBytesPerSecond = 32 * 1024 * 1024;
const temporaryPrefix = "inspection-";
const decodersFolder = `${temporaryPrefix}decoders`;
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
  const maxMemoryBytes = whole("maxMemoryBytes", options.maxMemoryBytes ?? 2 ** 30, 1);
  const drawTimeoutMs = whole("drawTimeoutMs", options.drawTimeoutMs ?? 10_000, 1, maxTimeoutMs);
  const sandboxChoice = options.sandbox ?? "auto";
  const { temporaryDirectory } = options;
  const directory = join(temporaryDirectory, decodersFolder);
  let chosen: Promise<ChosenSandbox> | undefined;
  const sandbox = (): Promise<ChosenSandbox> => {
    if (!chosen) mkdirSync(directory, { recursive: true, mode: 0o700 });
    chosen ??=
      typeof sandboxChoice === "object"
        ? Promise.resolve({ sandbox: sandboxChoice })
        : chooseSandbox(sandboxChoice, { directory, maxMemoryBytes });
    return chosen;
  };
  const pool = createDecodePool({
    entry: options.decodeProcess ?? siblingModule("decode-process"),
    sandbox: async () => sufficient(await sandbox(), sandboxChoice),
    directory,
    processes: whole("processes", options.processes ?? 1, 1),
    filesPerProcess: whole("filesPerProcess", options.filesPerProcess ?? 200, 1),
    limits: {
      timeoutMs: decodeTimeoutMs,
      restTimeoutMs: drawTimeoutMs,
      maxMemoryBytes,
    },
    ...(options.observer ? { observer: options.observer } : {}),
  });
  claimDirectory(temporaryDirectory, temporaryPrefix);
  let closed = false;

  async function inspect(request: InspectionRequest): Promise<Inspection> {
    if (closed) throw new InspectionFailedError("closed", "The inspector is closed.");
    for (const { width, height } of request.derivatives) {
      whole("a derivative's width", width, 1, maxWebpSide);
      whole("a derivative's height", height, 1, maxWebpSide);
    }
    const path = join(temporaryDirectory, `${temporaryPrefix}${randomUUID()}`);
    try {
      const received = await receiveBody(request.body, path, request.declaredSizeBytes, {
        signal: request.signal,
        parts: request.declaredParts,
      });
      const refusal = compareWithDeclared(received, request);
      if (refusal) return refusal;
      const { declaredContentType, allowedContentTypes, derivatives, page } = request;
      const readingMs = Math.floor(received.sizeBytes / readBytesPerSecond) * 1000;
      const outcome = await pool.examine(
        {
          path,
          declaredContentType,
          allowedContentTypes,
          derivatives,
          ...(page === undefined ? {} : { page }),
          maxPixels,
          webpQuality,
          webpEffort,
          ...(request.takeRendition ? { wantsRendition: true } : {}),
        },
        request.signal,
        readingMs,
      );
      const decided = decideVerdict(outcome, received, decodeTimeoutMs + readingMs);
      const verdict = await withFrame(decided, path, request);
      if (request.takeRendition && verdict.verdict === "accepted" && outcome.kind === "examined")
        await giveRendition(path, received.sizeBytes, outcome.examination, request.takeRendition);
      return verdict;
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Adds pictures of a film's frame to what is known of it. */
  async function withFrame(
    decided: Inspection,
    path: string,
    request: InspectionRequest,
  ): Promise<Inspection> {
    if (decided.verdict === "rejected" || !decided.video) return decided;
    const wanted = request.derivatives.filter(({ of = "video" }) => of === "video");
    if (wanted.length === 0 || !hasFrames(decided.contentType)) return decided;
    const { contentType, video } = decided;
    if (options.ffmpeg === undefined) return decided;
    const { sandbox: around } = await sandbox();
    const drawn = await drawFilm(
      {
        ffmpeg: options.ffmpeg,
        sandbox: around,
        directory,
        timeoutMs: drawTimeoutMs,
        maxMemoryBytes,
        pool,
        temporaryDirectory,
        prefix: temporaryPrefix,
      },
      {
        path,
        contentType,
        video,
        declaredContentType: contentType,
        allowedContentTypes: [contentType],
        derivatives: wanted,
        maxPixels,
        webpQuality,
        webpEffort,
      },
      request.signal,
    );
    if (typeof drawn === "string") return { ...decided, video: { ...video, undrawn: drawn } };
    const { derivatives, thumbhash } = drawn;
    return {
      ...decided,
      video: { ...video, ...(thumbhash === undefined ? {} : { thumbhash }) },
      derivatives,
    };
  }

  return {
    inspect,
    sandbox,
    async close() {
      closed = true;
      await pool.close();
      await chosen;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function sufficient({ sandbox, whyNotStronger }: ChosenSandbox, choice: SandboxChoice | Sandbox): Sandbox {
  const { network, files } = sandbox.cutsOff;
  if (choice !== "required" || (network && files)) return sandbox;
  const reason = `Decoding processes can't be kept from network and files on this machine: ${whyNotStronger}.`;
  throw new InspectionFailedError("process-unavailable", reason);
}

function whole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}.`);
}
