import type { File } from "@stowage/client";
import { useFileChanges, useStowage } from "@stowage/react";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { useToasts } from "../chrome/toasts.tsx";
import { downloadFrom } from "./download-from.ts";

/** What a person can do to files, with the words about it: each says what was done and how to take it back. */
export interface FileActions {
  rename(file: File, name: string): Promise<boolean>;
  trash(files: readonly File[]): Promise<void>;
  restore(files: readonly File[]): Promise<void>;
  purge(files: readonly File[]): Promise<void>;
  /** @param version default: the current one */
  download(file: File, version?: number): Promise<void>;
}

const FileActionsContext = createContext<FileActions | undefined>(undefined);

export function useFileActions(): FileActions {
  const actions = useContext(FileActionsContext);
  if (!actions) throw new Error("There is no <FileActionsProvider> above this component.");
  return actions;
}

/** Requests of one press of a button that are under way at once. */
const atOnce = 4;

export function FileActionsProvider({ children }: { readonly children: ReactNode }) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const changes = useFileChanges();
  const { show } = useToasts();
  const { problem, dismissProblem } = changes;

  useEffect(() => {
    if (!problem) return;
    show({ text: problem.detail, tone: "danger" });
    dismissProblem();
  }, [problem, dismissProblem, show]);

  const actions = useMemo((): FileActions => {
    const { rename, trash, restore, purge } = changes;
    const refreshRoom = () =>
      queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[2] === "me" });
    const all: FileActions = {
      rename,
      async trash(files) {
        const done = await each(files, trash);
        if (done.length === 0) return;
        show({
          text: `${named(done)} moved to the trash.`,
          action: {
            label: "Undo",
            run: () => void each(done, (file) => restore({ ...file, state: "trashed" })),
          },
        });
      },
      async restore(files) {
        const done = await each(files, restore);
        if (done.length > 0) show({ text: `${named(done)} restored.` });
      },
      async purge(files) {
        const done = await each(files, purge);
        if (done.length > 0) show({ text: `${named(done)} deleted for good.` });
        await refreshRoom();
      },
      async download(file, version) {
        try {
          const { url } = await client.files.download(file.id, version === undefined ? {} : { version });
          downloadFrom(url);
        } catch {
          show({ text: `${file.name} can’t be downloaded right now. Try again.`, tone: "danger" });
        }
      },
    };
    return all;
  }, [changes, client, queryClient, show]);

  return <FileActionsContext value={actions}>{children}</FileActionsContext>;
}

const named = (files: readonly File[]): string =>
  files.length === 1 && files[0] ? files[0].name : `${files.length} files`;

/** Answers those for which it was done. */
async function each(
  files: readonly File[],
  change: (file: File) => Promise<boolean>,
): Promise<readonly File[]> {
  const done: File[] = [];
  const left = [...files];
  const lane = async () => {
    for (let file = left.shift(); file; file = left.shift()) if (await change(file)) done.push(file);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return done;
}
