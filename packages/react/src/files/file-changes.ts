import { ClientError, describeFailure, type File, type FileSource, type Uploader } from "@stowage/client";
import type { QueryClient } from "@tanstack/react-query";
import { putCached, refetchCached } from "./cached-files.ts";

/** Why a change was taken back, for the person who made it. */
export interface FileChangeProblem {
  readonly change: "rename" | "trash" | "restore" | "purge";
  readonly file: File;
  /** A problem's or ClientError's code; `precondition-failed`: it was changed elsewhere, and is shown as it is now. */
  readonly code: string;
  readonly detail: string;
}

/** Changes to a file as the person sees it; each shows at once and is taken back where the server refuses it. */
export interface FileChangeCalls {
  /** Each resolves to whether it was done. Those of one file are made one after another. */
  rename(file: File, name: string): Promise<boolean>;
  /** Into the trash, where it can be restored for 30 days. */
  trash(file: File): Promise<boolean>;
  restore(file: File): Promise<boolean>;
  /** For good. */
  purge(file: File): Promise<boolean>;
}

/** What the server has after a change; `undefined` where the file is gone. */
type Outcome = File | undefined;

/**
 * Changes to the files of a client, seen in TanStack Query's caches at once.
 *
 * @param onProblem - told of each that was taken back; and of nothing, when one is begun
 */
export function createFileChanges(
  client: Uploader<FileSource>,
  queryClient: QueryClient,
  onProblem: (problem: FileChangeProblem | undefined) => void,
): FileChangeCalls {
  /** The last change of each file that is on its way: the next one is made on what comes of it. */
  const underWay = new Map<string, Promise<Outcome>>();

  const show = (id: string, file: Outcome) => putCached(queryClient, client, new Map([[id, file]]));

  const attempt = async (
    change: FileChangeProblem["change"],
    file: File,
    shown: Outcome,
    apply: (seen: File) => Promise<Outcome>,
  ): Promise<boolean> => {
    onProblem(undefined);
    show(file.id, shown);
    const before = underWay.get(file.id);
    // Where the earlier change failed, which its own caller is told, the file is still what was seen.
    const work = (async () => apply((await before?.catch(() => undefined)) ?? file))();
    underWay.set(file.id, work);
    const isLast = () => underWay.get(file.id) === work;
    try {
      const now = await work;
      if (isLast()) show(file.id, now);
      return true;
    } catch (error) {
      const { code, detail } = describeFailure(error, file.name).problem;
      if (isLast()) show(file.id, code === "not-found" ? undefined : file);
      if (!(error instanceof ClientError)) throw error;
      onProblem({ change, file, code, detail: sentenceOf(code, file.name) ?? detail });
      if (code === "precondition-failed") await refetchCached(queryClient, client);
      return false;
    } finally {
      if (isLast()) underWay.delete(file.id);
    }
  };

  const { files } = client;
  return {
    rename: (file, name) =>
      attempt("rename", file, { ...file, name }, (seen) => files.update(file.id, { name }, { seen })),
    trash: (file) => {
      const trashedAt = new Date().toISOString();
      const trashed = (seen: File): File => ({ ...seen, state: "trashed", trashedAt });
      return attempt("trash", file, trashed(file), async (seen) => {
        await files.remove(file.id, { seen });
        return trashed(seen);
      });
    },
    restore: (file) =>
      attempt("restore", file, { ...file, state: "ready" }, (seen) => files.restore(file.id, { seen })),
    purge: (file) =>
      attempt("purge", file, undefined, async (seen) => {
        await files.remove(file.id, { permanent: true, seen });
        return undefined;
      }),
  };
}

/** The API has other words for these. */
const sentenceOf = (code: string, name: string): string | undefined =>
  code === "precondition-failed"
    ? `${name} was changed elsewhere.`
    : code === "not-found"
      ? `${name} is gone.`
      : undefined;
