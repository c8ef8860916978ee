import { createUploadQueue, type FileSource, type Uploader, type UploadQueue } from "@stowage/client";
import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { endUsage, usageOf } from "./files/client-usage.ts";
import { followUploads } from "./files/follow-uploads.ts";
import { keyOf } from "./files/query-keys.ts";

export interface Stowage {
  readonly client: Uploader<FileSource>;
  readonly queue: UploadQueue<FileSource>;
}

const StowageContext = createContext<Stowage | undefined>(undefined);

export interface StowageProviderProps<Source extends FileSource = FileSource> {
  /** Of one person: another person gets another client. */
  readonly client: Uploader<Source> & { readonly uploads?: UploadQueue<Source> };
  /** Default: the client's; where it has none, one in memory, closed when the provider goes. */
  readonly queue?: UploadQueue<Source> | undefined;
  readonly children?: ReactNode;
}

/**
 * Gives a person's files and uploads to what is below it; TanStack Query's `QueryClientProvider` must be above it. When
 * it goes, is hidden by an `<Activity>`, or gets another client, everything that was known of the person's files is forgotten, and a
 * queue of its own is closed. A queue that is the client's, or was given, goes on: `client.close()` or `client.signOut()` ends that.
 */
export function StowageProvider<Source extends FileSource>({
  client,
  queue: given = client.uploads,
  children,
}: StowageProviderProps<Source>): ReactElement {
  const queryClient = useQueryClient();
  const [, renderAnew] = useState<object>();
  const usage = usageOf(client);
  const stowage = useMemo((): Stowage => {
    if (given) return { client, queue: given };
    usage.queue ??= createUploadQueue(client);
    return { client, queue: usage.queue };
  }, [client, given, usage]);

  useEffect(() => {
    // `<Activity>` shows again what it has hidden, which was an end here.
    if (usageOf(client) !== usage) return renderAnew({});
    usage.mounts += 1;
    const unfollow = followUploads(stowage.queue, client, queryClient);
    return () => {
      unfollow();
      usage.mounts -= 1;
      // Strict mode takes an effect back and runs it again in the same breath: that is not an end.
      queueMicrotask(() => {
        if (usage.mounts > 0) return;
        // What another client of the same person shows by now stays.
        queryClient.removeQueries({ queryKey: keyOf(client), type: "inactive" });
        endUsage(client, usage);
      });
    };
  }, [usage, stowage, client, queryClient]);

  // Another client is another person: nothing below may outlive the change.
  return createElement(StowageContext, { value: stowage, key: usage.id }, children);
}

/** @throws Error where no `StowageProvider` is above */
export function useStowage(): Stowage {
  const stowage = useContext(StowageContext);
  if (!stowage) throw new Error("No <StowageProvider> above.");
  return stowage;
}
