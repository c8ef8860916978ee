import { ClientError, type File } from "@stowage/client";
import { useStowage } from "@stowage/react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useToasts } from "../chrome/toasts.tsx";
import { refetchFile, showFile } from "./show-file.ts";
import { versionFailureWords } from "./version-words.ts";

export interface VersionChanges {
  /** Of a file as the person saw it: where it has been changed since, nothing is done, which is said. */
  restore(seen: File, version: number): Promise<void>;
  /** For good. */
  remove(seen: File, version: number): Promise<void>;
  /** One is on its way. */
  readonly isBusy: boolean;
}

/** What a person can do to a file's versions, with the words about it. */
export function useVersionChanges(): VersionChanges {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { show } = useToasts();
  const [isBusy, setBusy] = useState(false);

  const change = async (seen: File, version: number, work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      show({ text: versionFailureWords(error, seen, version), tone: "danger" });
      refetchFile(queryClient, client, seen.id);
    } finally {
      setBusy(false);
    }
  };

  const restore = (seen: File, version: number): Promise<void> =>
    change(seen, version, async () => {
      const now = await client.files.restoreVersion(seen.id, version, { seen });
      showFile(queryClient, client, now);
      show({
        text: `Version ${version} of ${seen.name} is the current one now.`,
        action: { label: "Undo", run: () => void restore(now, seen.version) },
      });
    });

  const remove = (seen: File, version: number): Promise<void> =>
    change(seen, version, async () => {
      await client.files.removeVersion(seen.id, version, { seen });
      show({ text: `Version ${version} of ${seen.name} deleted for good.` });
      showFile(queryClient, client, await client.files.get(seen.id));
    });

  return { restore, remove, isBusy };
}
