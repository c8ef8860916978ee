import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decideVerdict } from "../decide-verdict.ts";
import type { DecodePool } from "../decode-pool.ts";
import type { DecodeJob } from "../examination.ts";
import type { DerivativeSpec, MadeDerivative, VideoFacts } from "../inspection.ts";
import { type FrameFailure, type FrameTaker, takeFrame } from "./take-frame.ts";

export interface FilmToDraw extends Omit<DecodeJob, "derivatives"> {
  readonly contentType: string;
  readonly video: VideoFacts;
  /** Those of films. */
  readonly derivatives: readonly DerivativeSpec[];
}

export interface DrawFilmOptions extends FrameTaker {
  readonly pool: Pick<DecodePool, "examine">;
  /** Where the frame lies while it is decoded; names begin with `prefix`. */
  readonly temporaryDirectory: string;
  readonly prefix: string;
}

/** A frame that is black or a title says little: a second in, or a tenth of what is shorter. */
const usualAtMs = 1000;

/** The most that a frame is decoded to, so that it fits into what a program may say. */
const maxSide = 4096;

/**
 * Makes derivatives and a thumbhash of a film's frame: taken by ffmpeg, and decoded as if it had been sent.
 *
 * @returns why not, where there is no frame or it can't be decoded
 * @throws InspectionFailedError, and what the file system throws
 */
export async function drawFilm(
  { pool, temporaryDirectory, prefix, ...taker }: DrawFilmOptions,
  { contentType, video, derivatives, ...job }: FilmToDraw,
  signal: AbortSignal | undefined,
): Promise<{ readonly derivatives: readonly MadeDerivative[]; readonly thumbhash?: string } | FrameFailure> {
  const sides = derivatives.flatMap(({ width, height }) => [width, height]);
  const order = {
    path: job.path,
    contentType,
    maxPixels: job.maxPixels,
    maxSide: Math.min(maxSide, Math.max(...sides)),
    ...(signal ? { signal } : {}),
  };
  const atMs = Math.min(usualAtMs, (video.durationMs ?? 0) / 10);
  const usual = await takeFrame(taker, { ...order, atMs });
  const frame = usual === "no-frame" && atMs > 0 ? await takeFrame(taker, { ...order, atMs: 0 }) : usual;
  if (typeof frame === "string") return frame;
  const path = join(temporaryDirectory, `${prefix}${randomUUID()}`);
  try {
    await writeFile(path, frame, { flag: "wx", mode: 0o600 });
    const outcome = await pool.examine(
      {
        ...job,
        path,
        declaredContentType: "image/png",
        allowedContentTypes: ["image/png"],
        // Of a picture now, which it was not when they were ordered.
        derivatives: derivatives.map((spec) => ({ ...spec, of: "image" as const })),
      },
      signal,
    );
    const verdict = decideVerdict(outcome, { sizeBytes: frame.byteLength, sha256: "" }, taker.timeoutMs);
    if (verdict.verdict === "rejected") return verdict.code === "timeout" ? "timeout" : "failed";
    const { thumbhash } = verdict.image ?? {};
    return { derivatives: verdict.derivatives, ...(thumbhash === undefined ? {} : { thumbhash }) };
  } finally {
    await rm(path, { force: true });
  }
}
