import { ProblemError, type Uploader } from "@stowage/client";
import { type NodeSource, nodeDigest } from "@stowage/client/node";
import type { Upload } from "@stowage/protocol";
import { refAfter } from "./upload-ref.ts";

interface Options {
  readonly client: Uploader<NodeSource>;
  readonly signal: AbortSignal;
  /** Told while a large file is read to be compared. */
  onRead(file: NodeSource, readBytes: number): void;
}

/**
 * Decides whether what is ready under a file's ref is this file, and still there. Where it isn't, the file is sent
 * anew under the ref that comes after, which is the same again for whoever comes to it again.
 *
 * @returns a function for `onAlreadyThere`
 */
export function createAlreadyThere({ client, signal, onRead }: Options) {
  const digests = new WeakMap<NodeSource, string>();

  const digestOf = async (file: NodeSource): Promise<string> => {
    const sha256 =
      digests.get(file) ?? (await nodeDigest.sha256(file, (readBytes) => onRead(file, readBytes), signal));
    digests.set(file, sha256);
    return sha256;
  };

  /** An upload that is ready says nothing of what became of its file since. */
  const isGone = async (fileId: string): Promise<boolean> => {
    try {
      return (await client.files.get(fileId, { signal })).state === "trashed";
    } catch (error) {
      // A token that may only send can't see its files: what was ready is taken to be there.
      if (error instanceof ProblemError && error.code === "insufficient-scope") return false;
      if (error instanceof ProblemError && error.code === "not-found") return true;
      throw error;
    }
  };

  return {
    /** The SHA-256 is part of this file's ref, and needs no comparing. */
    hashed: (file: NodeSource, sha256: string): void => void digests.set(file, sha256),
    async otherRef(file: NodeSource, upload: Upload): Promise<string | undefined> {
      // In an album that is sealed: nothing is told of it, and it is not sent twice.
      if (!("ref" in upload)) return undefined;
      const { ref, fileId, sha256 } = upload;
      const digest = await digestOf(file);
      if (digest !== sha256) return refAfter(ref ?? "", digest);
      return (await isGone(fileId)) ? refAfter(ref ?? "", fileId) : undefined;
    },
  };
}
