import { useUploads } from "@stowage/react";
import { Dropzone } from "@stowage/react/dom";
import { CloudOff } from "lucide-react";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useLocation, useSearch } from "wouter";
import { InsecureNotice } from "./chrome/insecure-notice.tsx";
import { Notice } from "./chrome/notice.tsx";
import { isNearlyFull, quotaWords } from "./chrome/quota-line.tsx";
import { ToastPlace, ToastsProvider, useToasts } from "./chrome/toasts.tsx";
import { TopBar } from "./chrome/top-bar.tsx";
import { useConnection } from "./chrome/use-connection.ts";
import { useMe, useMeAfterUploads } from "./chrome/use-me.ts";
import { FileActionsProvider } from "./files/file-actions.tsx";
import { FilesScreen } from "./files/files-screen.tsx";
import { choiceOf, searchOf } from "./files/list-choice.ts";
import { loadLater } from "./load-later.ts";
import { NowhereScreen } from "./screens/nowhere-screen.tsx";
import { albumPath, albumsPath, filePath, filesPath, screenOf } from "./screens/screen-of.ts";
import type { Account } from "./session/session-state.ts";
import type { SignOut } from "./session/visits.ts";
import { DropOverlay } from "./uploads/drop-overlay.tsx";
import { useLeaveWarning, wouldLose } from "./uploads/use-leave-warning.ts";

const TrashScreen = lazy(async () => ({ default: (await loadLater()).TrashScreen }));
const SharedScreen = lazy(async () => ({ default: (await loadLater()).SharedScreen }));
const AlbumsScreen = lazy(async () => ({ default: (await loadLater()).AlbumsScreen }));
const AlbumScreen = lazy(async () => ({ default: (await loadLater()).AlbumScreen }));
const KeptNotice = lazy(async () => ({ default: (await loadLater()).KeptNotice }));
const UploadPanel = lazy(async () => ({ default: (await loadLater()).UploadPanel }));

interface SignedInAppProps {
  readonly account: Account;
  readonly signOut: SignOut;
}

/** The application of one person. */
export function SignedInApp(props: SignedInAppProps) {
  return (
    <ToastsProvider>
      <FileActionsProvider>
        <Screens {...props} />
      </FileActionsProvider>
    </ToastsProvider>
  );
}

function Screens({ account, signOut }: SignedInAppProps) {
  const [path, navigate] = useLocation();
  const screen = screenOf(path);
  const choice = choiceOf(useSearch());
  const toasts = useToasts();
  const { items, totals } = useUploads();
  const { data: me, error } = useMe();
  const connection = useConnection(totals.heldUp > 0 || error !== null);
  useMeAfterUploads();
  useLeaveWarning(wouldLose(items));
  useFocusOnMain(screen.name);
  useEffect(() => void loadLater(), []);

  const isFiles = screen.name === "files" || screen.name === "file";
  return (
    <Dropzone
      className="app"
      area="page"
      addOptions={screen.name === "album" ? { albumId: screen.id } : {}}
      onUnreadable={(names) =>
        toasts.show({ text: `${names.join(", ")} could not be read.`, tone: "danger" })
      }
    >
      {({ isOver, pickFiles }) => (
        <>
          <TopBar screen={screen} account={account} signOut={signOut} onAddFiles={pickFiles} />
          <div className="notices">
            <InsecureNotice />
            {connection === "unreachable" && (
              <Notice tone="warning" icon={<CloudOff aria-hidden="true" />}>
                <strong>{navigator.onLine ? "The server can’t be reached." : "You are offline."}</strong> What
                is loaded stays here; uploads wait, and go on by themselves.
                <Suspense fallback={null}>
                  <KeptNotice />
                </Suspense>
              </Notice>
            )}
            {me && isNearlyFull(me) && (
              <Notice tone="warning">
                <strong>Your room here is nearly full.</strong> {quotaWords(me)}; files in the trash count
                too.
              </Notice>
            )}
          </div>
          <Suspense fallback={null}>
            <UploadPanel />
          </Suspense>
          <main tabIndex={-1}>
            {isFiles && (
              <FilesScreen
                choice={choice}
                onChoice={(wanted, { replace = false } = {}) =>
                  navigate(filesPath + searchOf(wanted), { replace })
                }
                openId={screen.name === "file" ? screen.id : undefined}
                onOpen={(id, { replace = false } = {}) =>
                  navigate((id === undefined ? filesPath : filePath(id)) + searchOf(choice), { replace })
                }
                onAddFiles={pickFiles}
              />
            )}
            <Suspense fallback={null}>
              {screen.name === "trash" && <TrashScreen />}
              {screen.name === "shared" && <SharedScreen />}
              {screen.name === "albums" && <AlbumsScreen onOpen={(id) => navigate(albumPath(id))} />}
              {screen.name === "album" && (
                <AlbumScreen
                  key={screen.id}
                  id={screen.id}
                  onAddFiles={pickFiles}
                  onGone={() => navigate(albumsPath)}
                />
              )}
            </Suspense>
            {screen.name === "nowhere" && <NowhereScreen />}
          </main>
          <ToastPlace />
          {isOver && <DropOverlay />}
        </>
      )}
    </Dropzone>
  );
}

/** A new screen is read from its beginning; the first one is, anyway. A file over the others is none. */
function useFocusOnMain(name: string): void {
  const screen = name === "file" ? "files" : name;
  const before = useRef(screen);
  useEffect(() => {
    if (before.current === screen) return;
    before.current = screen;
    scrollTo({ top: 0 });
    document.querySelector("main")?.focus({ preventScroll: true });
  }, [screen]);
}
