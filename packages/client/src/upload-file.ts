import type { FileIntent, Upload } from "@stowage/protocol";
import { abortable, assertNotAborted } from "./abortable.ts";
import type { AwaitVerdict } from "./await-verdict.ts";
import type { Waiting } from "./batch-request.ts";
import { singlePutLimitBytes } from "./decide-transfer.ts";
import { ClientError, FileChangedError } from "./errors.ts";
import type { AbortSignalLike, FileSource } from "./ports.ts";
import type { Progress } from "./progress.ts";
import { type SendNeeds, sendBytes } from "./send-bytes.ts";
import type { SendSlots, Slots } from "./slots.ts";
import type { Uploads } from "./uploads.ts";

export interface UploadOptions<Source extends FileSource> {
  readonly signal?: AbortSignalLike | undefined;
  onProgress?(progress: Progress, file: Source): void;
  /**
   * 1 to 128 characters: the same ref again is the same upload, so that what was interrupted goes on and nothing
   * arrives twice. A function is told the file's SHA-256 where it is known: that of a file above 20 MB is not. Default:
   * a random one, which makes this call's own retries safe and no more.
   */
  readonly ref?: string | ((file: Source, sha256: string | undefined) => string | Promise<string>);
  /** Of the file, lower-case hex, where it is known: then it is not read for it. */
  readonly sha256?: string | undefined;
  /**
   * The ref may be another file's: where all bytes had arrived before, those of this file are compared with what was made of them,
   * and `ref-reused` is thrown where they differ. Default: the ref is believed.
   */
  readonly compare?: boolean | undefined;
  /** Waited for once the upload is known to the server, before any byte goes. */
  onCreated?(upload: Upload, file: Source): Promise<unknown>;
  readonly profile?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * The version whose place it is to take. Where another is current by the time that it is ready, it is kept beside that
   * as a conflict (`File.conflicts`, `files.versions`).
   */
  readonly replaces?: { readonly fileId: string; readonly version: number } | undefined;
  /** The album that it goes to. */
  readonly albumId?: string | undefined;
  /** Until it is `ready` or `rejected` (the default), or only until its bytes are there. */
  readonly wait?: boolean;
  /**
   * The ref named an upload that was ready before (of one in an album that is sealed only id and state are told). Answer another ref to upload the file once more, or nothing to be
   * content with what is there.
   */
  onAlreadyThere?(file: Source, upload: Upload): Promise<string | undefined>;
}

export interface UploadResult {
  /**
   * `ready` or `rejected`; without `wait` it may also be on its way there. Of one that has ended and went to an album that is sealed the
   * server tells `id`, `state` and `rejection`, and no other member is there.
   */
  readonly upload: Upload;
  /** Nothing was sent: the ref named an upload that was ready before. */
  readonly alreadyThere: boolean;
}

export interface UploadNeeds<Source extends FileSource> extends SendNeeds<Source> {
  readonly create: (intent: FileIntent, waiting: Waiting) => Promise<Upload>;
  readonly awaitVerdict: AwaitVerdict;
  readonly newRef: () => string;
  readonly hashSlots: Slots;
  readonly serverUploads: Pick<Uploads, "abort">;
  /** Told when an upload is open on the server (1), and when it no longer is (-1). */
  countOpen(change: 1 | -1): void;
}

/**
 * One file's way: hash, create, send, complete, wait for the verdict. What goes in parts is hashed as it is sent.
 */
export async function uploadFile<Source extends FileSource>(
  needs: UploadNeeds<Source>,
  sendSlots: SendSlots,
  file: Source,
  options: UploadOptions<Source>,
): Promise<UploadResult> {
  const { signal, onProgress, profile, metadata, replaces, albumId, wait = true } = options;
  let at: Progress = { stage: "hashing", doneBytes: 0, totalBytes: file.sizeBytes };
  const tell = (progress: Partial<Progress>) => {
    at = { ...at, doneBytes: 0, confirmedBytes: undefined, ...progress };
    onProgress?.(at, file);
  };
  const waiting: Waiting = {
    signal,
    onWait: (retry) => onProgress?.({ ...at, retry }, file),
  };

  const hash = async (): Promise<string> => {
    assertNotAborted(signal);
    tell({});
    let readBytes = 0;
    const onRead = (bytes: number) => {
      readBytes = bytes;
      tell({ doneBytes: bytes });
    };
    const sha256 = await abortable(needs.digest.sha256(file, onRead, signal), signal);
    if (readBytes !== file.sizeBytes) throw new FileChangedError(file.name);
    return sha256;
  };

  const send = async (upload: Upload): Promise<Upload> => {
    const pending = { upload, mintedAtMs: needs.clock.nowMs() };
    const sendNow = () =>
      sendSlots.files.run(async () => {
        assertNotAborted(signal);
        tell({ stage: "sending", uploadId: upload.id });
        return sendBytes(needs, sendSlots, file, pending, {
          ...waiting,
          onSent: (doneBytes, confirmedBytes) => tell({ doneBytes, confirmedBytes }),
        });
      });
    return upload.transfer?.kind === "multipart" ? sendSlots.largeFiles.run(sendNow) : sendNow();
  };

  const verdict = async (upload: Upload): Promise<Upload> => {
    if (wait && !hasEnded(upload)) {
      tell({ stage: "checking", uploadId: upload.id });
      return needs.awaitVerdict(upload.id, waiting);
    }
    return upload;
  };

  const sha256 =
    file.sizeBytes > singlePutLimitBytes ? undefined : (options.sha256 ?? (await needs.hashSlots.run(hash)));
  const contentType = (await file.detectContentType?.()) ?? file.contentType;
  const refOf = options.ref ?? needs.newRef;
  let ref = typeof refOf === "string" ? refOf : await refOf(file, sha256);
  for (let reopened = false; ; ) {
    const { name, sizeBytes } = file;
    const intent: FileIntent = {
      ref,
      name,
      sizeBytes,
      contentType,
      // What is undefined is not sent.
      sha256,
      profile,
      metadata,
      replaces,
      albumId,
    };
    assertNotAborted(signal);
    tell({ stage: "creating" });
    const created = await needs.create(intent, waiting);
    const alreadyThere = created.state === "ready";
    const otherRef = alreadyThere ? await options.onAlreadyThere?.(file, created) : undefined;
    if (otherRef !== undefined) {
      ref = otherRef;
      continue;
    }
    needs.countOpen(1);
    tell({ uploadId: created.id });
    try {
      await options.onCreated?.(created, file);
      const upload = await verdict(created.state === "pending" ? await send(created) : created);
      // Parts are compared as they are sent, and what goes in one PUT is announced with its hash.
      if (options.compare && !sha256 && created.state !== "pending" && upload.state === "ready")
        if ((await needs.hashSlots.run(hash)) !== upload.sha256)
          throw new ClientError("ref-reused", "It is another's.");
      if (upload.state === "ready" || upload.state === "rejected")
        tell({ stage: upload.state, doneBytes: sizeBytes, uploadId: upload.id });
      return { upload, alreadyThere };
    } catch (error) {
      if (error instanceof FileChangedError) await abandon(needs, created.id, waiting);
      // Aborted or run out meanwhile, or the server is one of yesterday (a backup): the same ref opens a new attempt.
      if (reopened || !(error instanceof ClientError && /^(upload-gone|not-found)$/.test(error.code)))
        throw error;
      reopened = true;
    } finally {
      needs.countOpen(-1);
    }
  }
}

/**
 * Aborts an upload whose file is no more what was announced: nobody can go on with it, and until it ran out, in a week,
 * its size would count as used. What went wrong with the file is told, not what went wrong here.
 */
async function abandon<Source extends FileSource>(
  { serverUploads }: UploadNeeds<Source>,
  id: string,
  waiting: Waiting,
): Promise<void> {
  try {
    await serverUploads.abort(id, waiting);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
  }
}

const hasEnded = ({ state }: Upload): boolean => state === "ready" || state === "rejected";
