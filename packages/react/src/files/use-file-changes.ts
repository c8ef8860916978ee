import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useStowage } from "../stowage-provider.ts";
import { createFileChanges, type FileChangeCalls, type FileChangeProblem } from "./file-changes.ts";

export interface FileChanges extends FileChangeCalls {
  /** The last change that was taken back, until it is dismissed or another one is made. */
  readonly problem: FileChangeProblem | undefined;
  dismissProblem(): void;
}

/** Rename, trash, restore, purge. The functions stay the same, and so does the object while there is no other problem. */
export function useFileChanges(): FileChanges {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const [problem, setProblem] = useState<FileChangeProblem>();
  const changes = useMemo(
    () => ({
      ...createFileChanges(client, queryClient, setProblem),
      dismissProblem: () => setProblem(undefined),
    }),
    [client, queryClient],
  );
  return useMemo(() => ({ ...changes, problem }), [changes, problem]);
}
