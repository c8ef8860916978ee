import { NetworkError } from "@stowage/client";
import { createBrowserUploader } from "@stowage/client/browser";
import { createBrowserFileCache, type KeptFiles } from "@stowage/client/browser/offline";
import { StowageProvider } from "@stowage/react";
import type { FileGridHandle } from "@stowage/react/grid";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { PictureViewer } from "../albums/picture-viewer.tsx";
import { ConfirmDialog } from "../chrome/confirm-dialog.tsx";
import { Notice } from "../chrome/notice.tsx";
import { useRetry } from "../chrome/use-retry.ts";
import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import { FileGrid } from "../files/file-grid.tsx";
import { filePath, filesPath, screenOf } from "../screens/screen-of.ts";
import { UnreachableScreen } from "../screens/unreachable-screen.tsx";
import { KeptContext } from "./kept-context.tsx";
import { picturesWords, untilWords } from "./kept-words.ts";

/** So often what is kept is looked at again: its time goes by. */
const lookAgainMs = 60_000;

/** The application of somebody whose server is out of reach from its start: what they keep on this device, to be looked at. */
export function OfflineApp({ person, onRetry }: { readonly person: string; readonly onRetry: () => void }) {
  const [{ client, queryClient, cache }] = useState(() => openKept(person));
  const { kept, look } = useKept(cache);
  const remove = async () => {
    await cache.uncache();
    look();
  };
  useEffect(() => () => cache.close(), [cache]);
  if (!kept) return <main className="opening" aria-busy="true" />;
  if (kept.files.length === 0) return <UnreachableScreen onRetry={onRetry} />;
  return (
    <QueryClientProvider client={queryClient}>
      <StowageProvider client={client}>
        <KeptContext value={{ own: cache, others: cache }}>
          <OfflineFiles kept={kept} onRetry={onRetry} onRemove={() => void remove()} />
        </KeptContext>
      </StowageProvider>
    </QueryClientProvider>
  );
}

/** Whoever it is can't be asked: nothing is refused by that. */
function openKept(person: string) {
  const client = createBrowserUploader({
    getToken: async () => {
      throw new NetworkError("The server can’t be reached.");
    },
    maxAttempts: 1,
  });
  const cache = createBrowserFileCache({ uploader: client, person });
  return { client, cache, queryClient: new QueryClient() };
}

function useKept(cache: ReturnType<typeof openKept>["cache"]) {
  const [kept, setKept] = useState<KeptFiles>();
  const look = useCallback(
    () => void cache.kept().then(setKept, () => setKept({ files: [], sizeBytes: 0, readableMs: 0 })),
    [cache],
  );
  useEffect(() => {
    look();
    const stop = cache.onGone(look);
    const timer = setInterval(look, lookAgainMs);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [cache, look]);
  return { kept, look };
}

function OfflineFiles({
  kept: { files, readableMs },
  onRetry,
  onRemove,
}: {
  readonly kept: KeptFiles;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}) {
  const [isRemoving, setRemoving] = useState(false);
  const [path, navigate] = useLocation();
  const grid = useRef<FileGridHandle>(null);
  const screen = screenOf(path);
  const openId = screen.name === "file" ? screen.id : undefined;
  useTitle("Offline");
  useRetry(onRetry);
  return (
    <div className="app offline">
      <header className="top-bar">
        <Wordmark />
      </header>
      <div className="notices">
        <Notice tone="warning" icon={<CloudOff aria-hidden="true" />}>
          <strong>{navigator.onLine ? "The server can’t be reached." : "You are offline."}</strong>{" "}
          {files.length === 1 ? "This is the picture" : `These are the ${picturesWords(files.length)}`} kept
          on this device, to be seen {untilWords(Date.now() + readableMs)}.{" "}
          <button type="button" className="text-button" onClick={onRetry}>
            Try again
          </button>
        </Notice>
      </div>
      <main tabIndex={-1}>
        <div className="screen-head">
          <h1>Kept on this device</h1>
          <div className="head-actions">
            <button type="button" className="text-button" onClick={() => setRemoving(true)}>
              Remove from this device
            </button>
          </div>
        </div>
        <FileGrid
          files={files}
          nextPage={allThereIs}
          dayOf={whenAdded}
          onOpen={(id) => navigate(filePath(id))}
          handle={grid}
        />
      </main>
      {isRemoving && (
        <ConfirmDialog
          title="Remove these pictures from this device?"
          confirm="Remove them"
          cancel="Keep them"
          onConfirm={onRemove}
          onCancel={() => setRemoving(false)}
        >
          They stay on the server. Until that can be reached, nothing can be seen here.
        </ConfirmDialog>
      )}
      {openId !== undefined && (
        <PictureViewer
          id={openId}
          files={files}
          onShow={(id) => navigate(filePath(id), { replace: true })}
          onClose={() => {
            navigate(filesPath);
            setTimeout(() => grid.current?.focus(openId));
          }}
        />
      )}
    </div>
  );
}

const allThereIs = { hasMore: false, canLoadMore: false, onEndReached: () => undefined };
const whenAdded = ({ createdAt }: { readonly createdAt: string }): string => createdAt;
