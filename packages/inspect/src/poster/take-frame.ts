import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { VideoFacts } from "../inspection.ts";
import { readResidentBytes } from "../resident-memory.ts";
import { lastOfChain } from "../sandbox/processes.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { createShownFolder } from "../sandbox/shown-folder.ts";

export interface FrameOrder {
  /** Absolute path of the film, for this user alone. */
  readonly path: string;
  readonly contentType: string;
  /** Where in the film it is taken. */
  readonly atMs: number;
  /** The frame is scaled down until it fits into a square of so many pixels. */
  readonly maxSide: number;
  /** Of the frame as it is in the film. */
  readonly maxPixels: number;
  readonly signal?: AbortSignal;
}

export interface FrameTaker {
  /** Absolute path of the program. */
  readonly ffmpeg: string;
  readonly sandbox: Sandbox;
  /** For this user alone, on the file system of the films. */
  readonly directory: string;
  readonly timeoutMs: number;
  /** Resident. */
  readonly maxMemoryBytes: number;
}

/** ffmpeg's names of what it may open a film by: nothing that refers to other files, lists or devices. */
const demuxers: ReadonlyMap<string, string> = new Map([
  ["video/mp4", "mov"],
  ["video/quicktime", "mov"],
  ["video/3gpp", "mov"],
  ["video/3gpp2", "mov"],
  ["video/webm", "matroska"],
  ["video/matroska", "matroska"],
]);

/** What cameras, phones and browsers write. */
const decoders = [
  ...["h264", "hevc", "vp8", "vp9", "libdav1d", "libaom-av1", "av1", "mpeg4", "mpeg2video", "h263"],
  ...["mjpeg", "prores", "dnxhd"],
].join(",");

/** A frame of 4096 × 4096 pixels, not packed at all. */
const maxFrameBytes = 64 * 1024 * 1024;
const memoryCheckIntervalMs = 50;

/** Why there is no frame; `no-frame`: the program came to its end, and found none. */
export type FrameFailure = NonNullable<VideoFacts["undrawn"]>;

/** Films of which a frame can be taken. */
export const hasFrames = (contentType: string): boolean => demuxers.has(contentType);

/**
 * Takes a frame out of a film by ffmpeg, in the sandbox that decoders run in, upright and as a PNG, which is somebody
 * else's still: it is to be decoded as if it had been sent.
 *
 * @returns why not, where there is none: ffmpeg can't, takes too long or too much memory, says more than a picture, or crashes
 * @throws what the file system throws
 */
export async function takeFrame(
  { ffmpeg, sandbox, directory, timeoutMs, maxMemoryBytes }: FrameTaker,
  { path, contentType, atMs, maxSide, maxPixels, signal }: FrameOrder,
): Promise<Buffer | FrameFailure> {
  const demuxer = demuxers.get(contentType);
  if (demuxer === undefined) return "no-frame";
  if (signal?.aborted) return "failed";
  const folder = createShownFolder(directory, sandbox.readsAsAnother);
  try {
    const shown = folder.show(path);
    const command = {
      file: ffmpeg,
      args: [
        ...["-nostdin", "-hide_banner", "-v", "quiet", "-protocol_whitelist", "file,pipe"],
        ...[
          "-threads",
          "1",
          "-filter_threads",
          "1",
          "-codec_whitelist",
          decoders,
          "-max_pixels",
          `${maxPixels}`,
        ],
        ...["-f", demuxer, "-ss", (atMs / 1000).toFixed(3), "-i", `file:${shown}`],
        ...["-map", "0:v:0", "-frames:v", "1", "-an", "-sn", "-dn", "-map_metadata", "-1"],
        ...[
          "-vf",
          `scale=w='min(iw,${maxSide})':h='min(ih,${maxSide})':force_original_aspect_ratio=decrease`,
        ],
        ...["-c:v", "png", "-pix_fmt", "rgb24", "-threads", "1", "-f", "image2pipe", "pipe:1"],
      ],
    };
    const { file, args } = sandbox.command({ command, readable: [ffmpeg, "/etc/alternatives", folder.path] });
    const child = spawn(file, args, { env: {}, stdio: ["ignore", "pipe", "ignore"] });
    return await collect(child, { timeoutMs, maxMemoryBytes, signal });
  } finally {
    folder.remove();
  }
}

interface Limits {
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** A shell's word for a program that was ended by a signal: 128 and its number. */
const firstSignalStatus = 128;

/** What a program says until it ends well; why there is nothing where it is ended for a limit, or ends otherwise. */
async function collect(
  child: ChildProcess,
  { timeoutMs, maxMemoryBytes, signal }: Limits,
): Promise<Buffer | FrameFailure> {
  let failure: FrameFailure | undefined;
  const end = (reason: FrameFailure): void => {
    failure ??= reason;
    kill(child);
  };
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxFrameBytes) end("memory");
    else chunks.push(chunk);
  });
  const timer = setTimeout(() => end("timeout"), timeoutMs);
  const memoryCheck = setInterval(() => {
    const resident = readResidentBytes(lastOfChain(child.pid ?? 0));
    if (resident !== undefined && resident > maxMemoryBytes) end("memory");
  }, memoryCheckIntervalMs);
  const abort = () => end("failed");
  signal?.addEventListener("abort", abort);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (failure) return failure;
    if (code === null || code >= firstSignalStatus) return "failed";
    return code === 0 && sizeBytes > 0 ? Buffer.concat(chunks) : "no-frame";
  } catch {
    // It could not be started: there is no such program any more, or no memory for it.
    return "failed";
  } finally {
    clearTimeout(timer);
    clearInterval(memoryCheck);
    signal?.removeEventListener("abort", abort);
  }
}

/** The program itself first: what a sandbox has started it by ends with it, or is ended here. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const last = lastOfChain(child.pid);
  try {
    process.kill(last, "SIGKILL");
  } catch {
    // Gone already.
  }
  if (last === child.pid) return;
  child.kill("SIGKILL");
}
