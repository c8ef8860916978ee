import type { File } from "@stowage/client";
import { blobSource } from "@stowage/client/browser";
import { fileQuery, keyOf, useStowage } from "@stowage/react";
import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";
import { useToasts } from "../chrome/toasts.tsx";
import { replaceKey, replacementKey } from "./replacement-keys.ts";
import { type ReplaceJob, type Replacement, sendReplacement } from "./send-replacement.ts";
import { showFile } from "./show-file.ts";
import type { VersionChanges } from "./use-version-changes.ts";
import { replacedWords } from "./version-words.ts";

export interface UseReplacement {
  readonly replacement: Replacement | undefined;
  /** @param file as the person saw it when they decided: what has been changed since is not overwritten */
  replace(file: File, blob: Blob): void;
  retry(job: ReplaceJob): void;
  dismiss(): void;
}

/** The new version of a file that is being sent, and how to send one. */
export function useReplacement(file: File, { restore }: Pick<VersionChanges, "restore">): UseReplacement {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { show } = useToasts();
  const queryKey = replacementKey(client, file.id);
  const { data } = useQuery<Replacement | null>({
    queryKey,
    queryFn: skipToken,
    gcTime: Number.POSITIVE_INFINITY,
  });

  const send = async (job: ReplaceJob): Promise<void> => {
    const replaced = await sendReplacement(client, queryClient, job);
    const replacement = queryClient.getQueryData<Replacement | null>(queryKey);
    // Where the panel is open it says so itself.
    const isSeen = queryClient.getQueryCache().find({ queryKey })?.isActive();
    if (replacement?.state === "failed" && !isSeen)
      show({ text: `${replacement.name} did not become a version. ${replacement.detail}`, tone: "danger" });
    if (!replaced) return;
    const { now, sent } = replaced;
    showFile(queryClient, client, now);
    if (!sent) {
      void queryClient.invalidateQueries({ queryKey: [...keyOf(client), "files"] });
      void queryClient.invalidateQueries({ queryKey: fileQuery(client, job.file.id).queryKey });
    }
    const undo = { label: "Undo", run: () => void restore(now, job.file.version) };
    show({ text: replacedWords(job.file, now, sent), ...(sent?.state === "current" && { action: undo }) });
  };
  // Among the client's mutations: those that are under way are counted before a sign-out.
  const start = (job: ReplaceJob): void =>
    void queryClient
      .getMutationCache()
      .build(queryClient, { mutationKey: replaceKey(client), mutationFn: send, networkMode: "always" })
      .execute(job);

  return {
    replacement: data ?? undefined,
    replace: (seen, blob) => start({ file: seen, source: blobSource(blob), ref: newRef() }),
    retry: start,
    dismiss: () => void queryClient.setQueryData(queryKey, null),
  };
}

/** There is no `randomUUID` where the connection is not secure. */
const newRef = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
