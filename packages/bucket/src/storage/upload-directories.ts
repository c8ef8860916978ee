import { join } from "node:path";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";
import { inParallel } from "./in-parallel.ts";

/*
 * Multipart uploads under way:
 *
 *   uploads/<upload id>/upload        key, content type…, sealed (open-upload.ts)
 *   uploads/<upload id>/00001 …       the parts, each an object's file of its own
 *
 * An upload is there for as long as its `upload` is. It is the first thing to come and the first to go.
 */
const record = "upload";
const partName = /^\d{5}$/;
/** Without a record for so long, a directory belongs to nobody who still begins or ends an upload. */
const abandonedAfterMs = 60 * 60 * 1000;
const parallelWork = 16;

export const isUploadId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

export interface UploadDirectories {
  recordPath(uploadId: string): string;
  partPath(uploadId: string, partNumber: number): string;
  /** Durable once it resolves. */
  create(uploadId: string): Promise<void>;
  sync(uploadId: string): Promise<void>;
  ids(): Promise<string[]>;
  /** Ascending; `undefined` where there is no such directory. */
  partNumbers(uploadId: string): Promise<number[] | undefined>;
  /** Ends an upload, durably, then removes its parts, or leaves that to `removeAbandoned`: whether it was there. */
  remove(uploadId: string): Promise<boolean>;
  /** Removes what processes that died have left. */
  removeAbandoned(nowMs: number): Promise<void>;
}

/** `root` must exist and be durable. */
export function createUploadDirectories(
  operations: FileOperations,
  root: string,
  onCleanupFailure: (error: unknown) => void,
): UploadDirectories {
  const pathOf = (uploadId: string): string => join(root, uploadId);
  const recordPath = (uploadId: string): string => join(root, uploadId, record);

  const clear = async (uploadId: string): Promise<void> => {
    for (;;) {
      const names = (await unlessMissing(operations.list(pathOf(uploadId)))) ?? [];
      await inParallel(names, parallelWork, async (name) => {
        await unlessMissing(operations.remove(join(pathOf(uploadId), name)));
      });
      try {
        await unlessMissing(operations.removeDirectory(pathOf(uploadId)));
        return;
      } catch (error) {
        // A part that was being sent came in between; no further one can once the directory is gone.
        if (!isFileError(error, "ENOTEMPTY", "EEXIST")) throw error;
      }
    }
  };

  const ids = async (): Promise<string[]> => (await operations.list(root)).filter(isUploadId);

  return {
    recordPath,
    partPath: (uploadId, partNumber) => join(pathOf(uploadId), String(partNumber).padStart(5, "0")),

    async create(uploadId) {
      await operations.createDirectory(pathOf(uploadId));
      await operations.syncDirectory(root);
    },

    sync: (uploadId) => operations.syncDirectory(pathOf(uploadId)),
    ids,

    async partNumbers(uploadId) {
      const names = await unlessMissing(operations.list(pathOf(uploadId)));
      return names
        ?.filter((name) => partName.test(name))
        .map(Number)
        .sort((a, b) => a - b);
    },

    async remove(uploadId) {
      let wasThere = true;
      try {
        await operations.remove(recordPath(uploadId));
      } catch (error) {
        if (!isFileError(error, "ENOENT")) throw error;
        wasThere = false;
      }
      // Also where another ended it, who may be still at this sync.
      await unlessMissing(operations.syncDirectory(pathOf(uploadId)));
      if (wasThere) await clear(uploadId).catch(onCleanupFailure);
      return wasThere;
    },

    async removeAbandoned(nowMs) {
      await inParallel(await ids(), parallelWork, async (uploadId) => {
        if (await operations.exists(recordPath(uploadId))) return;
        const changedAtMs = await unlessMissing(operations.changedAtMs(pathOf(uploadId)));
        if (changedAtMs === undefined || nowMs - changedAtMs <= abandonedAfterMs) return;
        try {
          // Who took the record away may have died before the sync: a power cut must not bring it back without parts.
          await unlessMissing(operations.syncDirectory(pathOf(uploadId)));
          await clear(uploadId);
        } catch (error) {
          onCleanupFailure(error);
        }
      });
    },
  };
}
