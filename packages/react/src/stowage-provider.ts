import { createUploadQueue, type FileSource, type Uploader, type UploadQueue } from "@stowage/client";
import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";
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
 * it goes, or gets another client, everything that was known of the person's files is forgotten and what was being sent
 * is stopped.
 */
export function StowageProvider<Source extends FileSource>(
  props: StowageProviderProps<Source>,
): ReactElement {
  // Another client is another person: nothing below may outlive the change.
  return createElement(ProviderOfOne<Source>, { ...props, key: keyOf(props.client)[1] });
}

function ProviderOfOne<Source extends FileSource>({
  client,
  queue,
  children,
}: StowageProviderProps<Source>): ReactElement {
  const given = queue ?? client.uploads;
  const [stowage] = useState((): Stowage => ({ client, queue: given ?? createUploadQueue(client) }));
  const queryClient = useQueryClient();

  const mounts = useRef(0);
  useEffect(() => {
    mounts.current += 1;
    const unfollow = followUploads(stowage.queue, stowage.client, queryClient);
    return () => {
      unfollow();
      mounts.current -= 1;
      // Strict mode takes an effect back and runs it again in the same breath: that is not an end.
      queueMicrotask(() => {
        if (mounts.current > 0) return;
        const queryKey = keyOf(stowage.client);
        void queryClient.cancelQueries({ queryKey });
        queryClient.removeQueries({ queryKey });
        if (!given) stowage.queue.close();
      });
    };
  }, [stowage, queryClient, given]);

  return createElement(StowageContext, { value: stowage }, children);
}

/** @throws Error where no `StowageProvider` is above */
export function useStowage(): Stowage {
  const stowage = useContext(StowageContext);
  if (!stowage) throw new Error("No <StowageProvider> is above.");
  return stowage;
}
