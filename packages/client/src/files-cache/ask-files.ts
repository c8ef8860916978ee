import type { File } from "@stowage/protocol";
import { type AskApi, hasItems } from "../api-request.ts";
import type { AbortSignalLike } from "../ports.ts";
import type { OnWait } from "../retry.ts";

/** Files that one request asks after: its address stays below 4 KB. */
export const maxFilesPerQuestion = 100;

/** Answers that are known again by their ETag. */
const maxKnownAnswers = 50;

/** Those of some files (at most 100) that one may see, by their ids. */
export type AskFiles = (
  ids: readonly string[],
  signal?: AbortSignalLike,
  onWait?: OnWait,
) => Promise<ReadonlyMap<string, File>>;

/** Asks after files by their ids. The same question again is answered in a few bytes where nothing has changed. */
export function createAskFiles(askApi: AskApi): AskFiles {
  const known = new Map<string, { readonly etag: string; readonly files: ReadonlyMap<string, File> }>();

  return (ids, signal, onWait) => {
    const path = `/v1/files?ids=${ids.map(encodeURIComponent).join(",")}`;
    const before = known.get(path);
    return askApi(
      { method: "GET", path, signal, onWait, ...(before && { headers: { "if-none-match": before.etag } }) },
      ({ status, json, etag }) => {
        if (status === 304) return before?.files;
        if (!hasItems(json)) return undefined;
        const files = new Map((json.items as File[]).map((file) => [file.id, file]));
        known.delete(path);
        if (etag) known.set(path, { etag, files });
        for (const oldest of known.keys()) if (known.size > maxKnownAnswers) known.delete(oldest);
        return files;
      },
    );
  };
}
