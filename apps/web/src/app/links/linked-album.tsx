import { createBrowserUploader } from "@stowage/client/browser";
import { StowageProvider } from "@stowage/react";
import { useState } from "react";
import { hasEnded } from "../albums/has-ended.ts";
import { PictureGrid } from "../albums/picture-grid.tsx";
import { PictureViewer } from "../albums/picture-viewer.tsx";
import { useAlbum } from "../albums/use-album.ts";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import { MessageScreen } from "../screens/message-screen.tsx";
import { OpeningScreen } from "../screens/opening-screen.tsx";

/** So often before it is said that it can't be had: a copy for others may be made first. */
const maxAttempts = 6;

/** An album that somebody came to by a link: its pictures, and each of them as large as the window. */
export function LinkedAlbum({ id, token }: { readonly id: string; readonly token: string }) {
  const [client] = useState(() =>
    createBrowserUploader({
      getToken: async (refused) => (refused === undefined ? token : undefined),
      maxAttempts,
    }),
  );
  return (
    <StowageProvider client={client}>
      <Shown id={id} />
    </StowageProvider>
  );
}

function Shown({ id }: { readonly id: string }) {
  const { album, error, files, filesError, isPending, fetchMore, refetch } = useAlbum(id);
  const [openId, setOpenId] = useState<string>();
  useTitle(album?.name ?? "A link");

  if (error && hasEnded(error)) return <Ended />;
  if (!album)
    return error ? (
      <main className="guest">
        <LoadFailure what="The album" detail={failureWords(error)} onRetry={refetch} />
      </main>
    ) : (
      <OpeningScreen />
    );
  return (
    <div className="guest">
      <header className="guest-top">
        <Wordmark />
      </header>
      <main>
        <h1>
          <bdi>{album.name}</bdi>
        </h1>
        <p className="link-count">{countWords(album.count)}</p>
        {filesError && files.length === 0 && (
          <LoadFailure what="The pictures" detail={failureWords(filesError)} onRetry={refetch} />
        )}
        {!isPending && !filesError && files.length === 0 && (
          <p className="guest-empty">Nothing is in it yet. What is added is shown here.</p>
        )}
        {files.length > 0 && (
          <PictureGrid
            files={files}
            label="Pictures"
            openId={openId}
            onOpen={setOpenId}
            onNearEnd={fetchMore}
          />
        )}
      </main>
      <footer className="small-print">
        Whoever has this link sees what is in the album, without where the pictures were taken.
      </footer>
      {openId !== undefined && (
        <PictureViewer
          id={openId}
          files={files}
          onShow={setOpenId}
          onClose={() => setOpenId(undefined)}
          onNearEnd={fetchMore}
        />
      )}
    </div>
  );
}

/** What was given out by a link is good for an hour; the page asks for no passphrase again by itself. */
function Ended() {
  return (
    <MessageScreen
      title="The album is closed"
      actions={
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Open it again
        </button>
      }
    >
      An hour has passed, or the link has ended or was taken back.
    </MessageScreen>
  );
}

const countWords = (count: number): string => (count === 1 ? "1 picture" : `${count} pictures`);
