import { type Client, ClientError, type File, type FileSource } from "@stowage/client";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useStowage } from "../stowage-provider.ts";
import { dropCached, putCached, refetchCached } from "./cached-files.ts";

/** Why a change was taken back, for the person who made it. */
export interface FileChangeProblem {
  readonly change: "rename" | "trash" | "restore" | "purge";
  readonly file: File;
  /** A problem's or ClientError's code; `precondition-failed`: it was changed elsewhere, and is shown as it is now. */
  readonly code: string;
  readonly detail: string;
}

/** Changes to a file as the person sees it; each shows at once and is taken back where the server refuses it. */
export interface FileChanges {
  /** Each resolves to whether it was done. */
  rename(file: File, name: string): Promise<boolean>;
  /** Into the trash, where it can be restored for 30 days. */
  trash(file: File): Promise<boolean>;
  restore(file: File): Promise<boolean>;
  /** For good. */
  purge(file: File): Promise<boolean>;
  /** The last change that was taken back, until it is dismissed or another one is made. */
  readonly problem: FileChangeProblem | undefined;
  dismissProblem(): void;
}

export function useFileChanges(): FileChanges {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const [problem, setProblem] = useState<FileChangeProblem>();
  const changes = useMemo(() => createFileChanges(client, queryClient, setProblem), [client, queryClient]);
  return useMemo(
    () => ({ ...changes, problem, dismissProblem: () => setProblem(undefined) }),
    [changes, problem],
  );
}

export function createFileChanges(
  client: Client<FileSource>,
  queryClient: QueryClient,
  onProblem: (problem: FileChangeProblem | undefined) => void,
): Pick<FileChanges, FileChangeProblem["change"]> {
  const attempt = async (
    change: FileChangeProblem["change"],
    file: File,
    show: () => void,
    apply: () => Promise<File | undefined>,
  ): Promise<boolean> => {
    onProblem(undefined);
    show();
    try {
      const now = await apply();
      if (now) putCached(queryClient, client, [now]);
      return true;
    } catch (error) {
      putCached(queryClient, client, [file]);
      if (!(error instanceof ClientError)) throw error;
      onProblem({ change, file, code: error.code, detail: sentenceOf(error, file) });
      if (error.code !== "network") await refetchCached(queryClient, client, file.id);
      return false;
    }
  };
  const remove = async (file: File, permanent: boolean): Promise<undefined> => {
    await client.files.remove(file.id, { permanent, seen: file });
  };
  const show = (file: File) => putCached(queryClient, client, [file]);

  return {
    rename: (file, name) =>
      attempt(
        "rename",
        file,
        () => show({ ...file, name }),
        () => client.files.update(file.id, { name }, { seen: file }),
      ),
    trash: (file) =>
      attempt(
        "trash",
        file,
        () => show({ ...file, state: "trashed" }),
        () => remove(file, false),
      ),
    restore: (file) =>
      attempt(
        "restore",
        file,
        () => show({ ...file, state: "ready" }),
        () => client.files.restore(file.id, { seen: file }),
      ),
    purge: (file) =>
      attempt(
        "purge",
        file,
        () => dropCached(queryClient, client, file.id),
        () => remove(file, true),
      ),
  };
}

function sentenceOf({ code, message }: ClientError, { name }: File): string {
  if (code === "precondition-failed")
    return `${name} was changed elsewhere in the meantime. It is shown as it is now.`;
  if (code === "not-found") return `${name} is no longer there.`;
  if (code === "network") return "The server can't be reached. Nothing was changed.";
  if (code === "not-signed-in") return "You are signed out. Nothing was changed.";
  return message;
}
