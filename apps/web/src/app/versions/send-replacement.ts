import {
  ClientError,
  describeFailure,
  type File,
  type FileSource,
  type FileVersion,
  type Upload,
  type Uploader,
} from "@stowage/client";
import type { QueryClient } from "@tanstack/react-query";
import { warnBeforeLeaving } from "../uploads/use-leave-warning.ts";
import { replacementKey } from "./replacement-keys.ts";

type AnyClient = Uploader<FileSource>;

/** A new version on its way, or why it did not arrive. */
export type Replacement =
  | {
      readonly state: "sending" | "checking";
      /** Of what is sent. */
      readonly name: string;
      /** 0 to 1 of the bytes. */
      readonly fraction: number;
      /** What is being tried again. */
      readonly trouble?: string;
      /** Until all bytes are sent. */
      cancel?(): void;
    }
  | {
      readonly state: "failed";
      readonly name: string;
      readonly detail: string;
      /** Where the same may go better another time. */
      readonly retry?: ReplaceJob;
    };

export interface ReplaceJob {
  /** As the person saw it when they decided. */
  readonly file: File;
  readonly source: FileSource;
  /** The same through all tries, so that nothing arrives twice. */
  readonly ref: string;
}

/** What it came to: nothing where it was given up or did not arrive, which `replacementKey` tells. */
export interface Replaced {
  readonly now: File;
  /** Nothing where the file was deleted meanwhile. */
  readonly sent: FileVersion | undefined;
}

/**
 * Sends a file's next version to its end. It goes on when the file is closed, asks before the page is left, and stops
 * when the person is signed out.
 */
export async function sendReplacement(
  client: AnyClient,
  queryClient: QueryClient,
  job: ReplaceJob,
): Promise<Replaced | undefined> {
  const { file, source, ref } = job;
  const { name } = source;
  const key = replacementKey(client, file.id);
  const controller = new AbortController();
  const { signal } = controller;
  const life = { isForgotten: false, isCancelled: false };
  let uploadId: string | undefined;

  const tell = (replacement: Replacement | null) => {
    if (!life.isForgotten) queryClient.setQueryData<Replacement | null>(key, replacement);
  };
  const cancel = () => {
    life.isCancelled = true;
    // One that is just being created is ended once its id is known.
    if (uploadId !== undefined) controller.abort();
  };
  tell({ state: "sending", name, fraction: 0, cancel });
  const cache = queryClient.getQueryCache();
  const told = cache.find({ queryKey: key });
  const unsubscribe = cache.subscribe(({ type, query }) => {
    // With a sign-out everything is forgotten that was known of the person.
    if (type !== "removed" || query !== told) return;
    life.isForgotten = true;
    controller.abort();
  });
  const leaveFreely = warnBeforeLeaving();

  try {
    const upload = await client
      .upload(source, {
        ref,
        signal,
        replaces: { fileId: file.id, version: file.version },
        onProgress: ({ stage, uploadId: id, doneBytes, totalBytes, retry }) => {
          uploadId = id ?? uploadId;
          if (life.isCancelled) return cancel();
          const isSent = stage === "checking" || stage === "ready" || stage === "rejected";
          tell({
            state: isSent ? "checking" : "sending",
            name,
            fraction: stage === "sending" ? doneBytes / Math.max(1, totalBytes) : isSent ? 1 : 0,
            ...(retry && { trouble: describeFailure(retry.error, name).problem.detail }),
            ...(!isSent && { cancel }),
          });
        },
      })
      .then(
        ({ upload }) => upload,
        (error: unknown) => {
          if (life.isCancelled && uploadId !== undefined) return withdraw(client, uploadId);
          throw error;
        },
      );
    if (upload?.state === "rejected") {
      tell({ state: "failed", name, detail: upload.rejection?.detail ?? "It did not pass the checks." });
      return undefined;
    }
    const replaced = upload && (await findReplaced(client, file, upload));
    tell(null);
    return replaced;
  } catch (error) {
    const { problem, canRetry } = describeFailure(error, name);
    tell({ state: "failed", name, detail: problem.detail, ...(canRetry && { retry: job }) });
    return undefined;
  } finally {
    leaveFreely();
    unsubscribe();
  }
}

/** Ends an upload; where all of it has arrived already, it becomes what it was sent for. */
async function withdraw(client: AnyClient, uploadId: string): Promise<Upload | undefined> {
  try {
    await client.serverUploads.abort(uploadId);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === "upload-not-pending") return client.serverUploads.verdict(uploadId);
    // It can't be told: what nobody goes on with ends by itself.
  }
  return undefined;
}

async function findReplaced(client: AnyClient, file: File, upload: Upload): Promise<Replaced> {
  // Deleted for good meanwhile: what was sent is a file of its own.
  if (upload.fileId !== file.id) return { now: await client.files.get(upload.fileId), sent: undefined };
  const { items } = await client.files.versions(file.id);
  return {
    now: await client.files.get(file.id),
    sent: items.find((version) => version.uploadId === upload.id),
  };
}
