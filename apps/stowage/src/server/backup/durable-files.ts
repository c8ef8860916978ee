import { createHash } from "node:crypto";
import { type FileHandle, open, rename } from "node:fs/promises";

const pieceBytes = 1024 ** 2;

export interface CopiedFile {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Copies a file's bytes into a new one, for its owner's eyes only, synced; its name is the caller's to sync.
 * Rejects with the system's error, and with the signal's reason; what was written until then stays.
 */
export async function copyFileDurably(from: string, to: string, signal: AbortSignal): Promise<CopiedFile> {
  const source = await open(from, "r");
  try {
    const target = await open(to, "wx", 0o600);
    try {
      const copied = await pour(source, signal, async (piece) => {
        await writeAll(target, piece);
      });
      await target.sync();
      return copied;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** The size and SHA-256 of what is in a file. */
export async function digestFile(path: string, signal: AbortSignal): Promise<CopiedFile> {
  const source = await open(path, "r");
  try {
    return await pour(source, signal, async () => undefined);
  } finally {
    await source.close();
  }
}

async function pour(
  source: FileHandle,
  signal: AbortSignal,
  take: (piece: Buffer) => Promise<void>,
): Promise<CopiedFile> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(pieceBytes);
  let sizeBytes = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, pieceBytes, sizeBytes);
    if (bytesRead === 0) return { sizeBytes, sha256: hash.digest("hex") };
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    await take(piece);
    sizeBytes += bytesRead;
  }
}

async function writeAll(target: FileHandle, piece: Buffer): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await target.write(piece, at)).bytesWritten;
}

/** Writes a small file, for its owner's eyes only: all of it is there after a power cut, or the one that was before. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Returns once a folder's names are on the disk. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows neither offers nor needs it: NTFS journals names.
  if (process.platform === "win32") return;
  await syncFile(path);
}

/** Returns once a file that was written by others is on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
