import { FileChangedError, FileUnreadableError } from "../errors.ts";

/**
 * A Blob's bytes. Browsers read a picked file only now; one that has changed since it was picked is refused
 * (NotReadableError; File API section 4.1: snapshot state), and so is one that is gone.
 *
 * @throws FileChangedError, FileUnreadableError
 */
export async function readBlob(blob: Blob, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw asFileError(cause, name);
  }
}

/**
 * Whether the bytes can be had: the first of them are read. After a request failed without an answer this tells a file
 * that is gone from a network that is.
 *
 * @throws FileChangedError, FileUnreadableError
 */
export async function assertReadable(blob: Blob, name: string): Promise<void> {
  await readBlob(blob.slice(0, 1), name);
}

/** Chromium and Firefox say NotReadableError of a file that has changed, NotFoundError of one that is gone. */
const asFileError = (cause: unknown, name: string): FileChangedError | FileUnreadableError =>
  cause instanceof DOMException && cause.name === "NotReadableError"
    ? new FileChangedError(name, { cause })
    : new FileUnreadableError(name, { cause });
