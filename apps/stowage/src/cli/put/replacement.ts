import type { Uploader } from "@stowage/client";
import { type NodeSource, nodeDigest } from "@stowage/client/node";
import type { File, FileVersion, Upload } from "@stowage/protocol";
import { findVersion, readHistory } from "../find-version.ts";
import { refAfter } from "./upload-ref.ts";

interface Options {
  readonly client: Uploader<NodeSource>;
  readonly fileId: string;
  readonly signal: AbortSignal;
  /** Told while a file is read to be compared. */
  onRead(file: NodeSource, readBytes: number): void;
}

/** A file that another one takes the place of. */
export interface Replacement {
  /** The version that is current now: what is made of it meanwhile is not lost. */
  readonly replaces: { readonly fileId: string; readonly version: number };
  /** Those whose bytes are not the current version's already. */
  changed(
    files: AsyncIterable<NodeSource>,
    onCurrent: (path: string, file: File) => void,
  ): AsyncGenerator<NodeSource>;
  /** Another ref where the same replacement was sent before, and its version was deleted since. */
  otherRef(file: NodeSource, upload: Upload): Promise<string | undefined>;
  /** What an upload that is ready has become; nothing where it is a file of its own. */
  placeOf(upload: Upload): Promise<FileVersion | undefined>;
}

/** @throws ProblemError `not-found` */
export async function createReplacement({ client, fileId, signal, onRead }: Options): Promise<Replacement> {
  const current = await client.files.get(fileId, { signal });

  const isCurrent = async (file: NodeSource): Promise<boolean> =>
    current.state === "ready" &&
    file.sizeBytes === current.sizeBytes &&
    (await nodeDigest.sha256(file, (readBytes) => onRead(file, readBytes), signal)) === current.sha256;

  const placeOf = async (upload: Upload): Promise<FileVersion | undefined> =>
    upload.fileId === fileId
      ? findVersion(readHistory(client, fileId, signal), ({ uploadId }) => uploadId === upload.id)
      : undefined;

  return {
    replaces: { fileId, version: current.version },
    async *changed(files, onCurrent) {
      for await (const file of files)
        if (await isCurrent(file)) onCurrent(file.path, current);
        else yield file;
    },
    async otherRef(_file, upload) {
      const isGone = (await placeOf(upload)) === undefined;
      return isGone ? refAfter(upload.ref ?? "", upload.id) : undefined;
    },
    placeOf,
  };
}
