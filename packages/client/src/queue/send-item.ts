import { ClientError } from "../errors.ts";
import type { AbortSignalLike, FileSource } from "../ports.ts";
import type { Uploader } from "../uploader.ts";
import { loadBeside } from "./load-beside.ts";
import type { QueueEvent } from "./queue-event.ts";
import type { QueueItem } from "./queue-item.ts";

/** What a try to send an item needs of its queue. */
export interface SendItemNeeds<Source extends FileSource> {
  dispatch(event: QueueEvent<Source>): void;
  /** Its file as the store has it, all of it. */
  source(item: QueueItem<Source>): Promise<Source | undefined>;
  /** Resolves once what was decided so far is in the store. */
  stored(): Promise<unknown>;
  /** The server has answered. */
  allIsWell(): void;
}

/** Tries to send an item, of the file that the store has, or else of the one that its person gave: what comes of it are events of that run. */
export const createSendItem = <Source extends FileSource>(
  uploader: Uploader<Source>,
  { dispatch, source: keptOf, stored, allIsWell }: SendItemNeeds<Source>,
) =>
  async function send(item: QueueItem<Source>, run: number, signal: AbortSignalLike): Promise<void> {
    const { id, ref, uploadId } = item;
    const notKeptAnyMore = () => dispatch({ type: "kept", ids: [id], isKept: false });
    try {
      const kept = item.isKept ? await keptOf(item) : undefined;
      const source = kept ?? item.source;
      if (uploadId !== undefined && (item.mustAsk || !source)) {
        const { askAfterUpload } = await loadBeside();
        const upload = await askAfterUpload(uploader, uploadId, source !== undefined, signal);
        if (upload) return dispatch({ type: "ended", id, run, upload });
      }
      if (!source) return dispatch({ type: "without-file", id, run });
      if (item.isKept && !kept) notKeptAnyMore();
      const { upload } = await uploader.upload(source, {
        ...item.options,
        signal,
        sha256: kept && item.sha256,
        compare: item.isAttached,
        ref(_, sha256) {
          if (sha256 !== undefined) dispatch({ type: "hashed", id, run, sha256 });
          return ref;
        },
        onProgress(progress) {
          dispatch({ type: "progress", id, run, progress });
          if (progress.stage === "checking" && !progress.retry) allIsWell();
        },
        // So that what a person gives up is known to be begun, whatever becomes of this program.
        onCreated: stored,
      });
      allIsWell();
      dispatch({ type: "ended", id, run, upload });
    } catch (error) {
      // The device's copy is gone, or can't be read: its person's may be there yet.
      const isOfFile = !(error instanceof ClientError) || error.code.startsWith("file-");
      if (item.isKept && item.source && isOfFile) {
        notKeptAnyMore();
        return send({ ...item, isKept: false }, run, signal);
      }
      dispatch({ type: "broken", id, run, error });
    }
  };
