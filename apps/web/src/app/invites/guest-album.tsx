import { createBrowserUploader } from "@stowage/client/browser";
import { StowageProvider, useStowage, useUploads } from "@stowage/react";
import { Camera, Images } from "lucide-react";
import { useEffect, useState } from "react";
import { hasEnded } from "../albums/has-ended.ts";
import { PictureGrid } from "../albums/picture-grid.tsx";
import { PictureViewer } from "../albums/picture-viewer.tsx";
import { momentWords, shotsWords } from "../albums/reveal-words.ts";
import { SealedPanel } from "../albums/sealed-panel.tsx";
import { useAlbum } from "../albums/use-album.ts";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import { OpeningScreen } from "../screens/opening-screen.tsx";
import { invitePath } from "../screens/screen-of.ts";
import { signInAddress } from "../session/sign-in-address.ts";
import { whoMaySignUp } from "../session/who-may-sign-up.ts";
import { useLeaveWarning, wouldLose } from "../uploads/use-leave-warning.ts";
import { GuestUploads } from "./guest-uploads.tsx";
import type { Guest } from "./invite-memory.ts";
import { PhotoButton } from "./photo-button.tsx";

/** A photograph that is made ready for others may take a while at first. */
const maxAttempts = 6;

/** An album to a guest: a camera until its reveal, and the pictures from then on. */
export function GuestAlbum({ guest, onEnd }: { readonly guest: Guest; readonly onEnd: () => void }) {
  const [client] = useState(() =>
    createBrowserUploader({
      getToken: async (refused) => (refused === undefined ? guest.token : undefined),
      maxAttempts,
    }),
  );
  return (
    <StowageProvider client={client}>
      <Shown guest={guest} onEnd={onEnd} />
    </StowageProvider>
  );
}

function Shown({ guest, onEnd }: { readonly guest: Guest; readonly onEnd: () => void }) {
  const { album, error, files, filesError, isPending, fetchMore, refetch } = useAlbum(guest.albumId);
  const { queue } = useStowage();
  const { items } = useUploads();
  const [openId, setOpenId] = useState<string>();
  const signUp = whoMaySignUp(
    document.querySelector<HTMLMetaElement>('meta[name="stowage-sign-up"]')?.content,
  );
  useTitle(album?.name ?? "An album");
  useLeaveWarning(wouldLose(items));

  const isOver = error !== null && hasEnded(error);
  useEffect(() => {
    if (isOver) onEnd();
  }, [isOver, onEnd]);
  if (!album)
    return error && !isOver ? (
      <main className="guest">
        <LoadFailure what="The album" detail={failureWords(error)} onRetry={refetch} />
      </main>
    ) : (
      <OpeningScreen />
    );

  const adds = album.role !== "viewer";
  // What is on its way has its shot already, once the server knows of it.
  const shotsLeft = album.shotsLeft;
  const hasShots = shotsLeft === undefined || shotsLeft > 0;
  const send = (sources: Parameters<typeof queue.add>[0]) => void queue.add(sources, { albumId: album.id });

  return (
    <div className="guest">
      <header className="guest-top">
        <Wordmark />
        <p className="guest-name">
          Guest: <bdi>{guest.name}</bdi>
        </p>
      </header>
      <main>
        <h1>
          <bdi>{album.name}</bdi>
        </h1>
        {adds && (
          <section className="camera" aria-label="Camera" data-open={!album.sealed || undefined}>
            {(hasShots || album.sealed) && (
              <>
                <PhotoButton
                  className={album.sealed ? "shutter" : "button primary"}
                  fromCamera
                  disabled={!hasShots}
                  onPhotos={send}
                >
                  <Camera aria-hidden="true" />
                  Take a photo
                </PhotoButton>
                <PhotoButton className="button" disabled={!hasShots} onPhotos={send}>
                  <Images aria-hidden="true" />
                  Choose photos
                </PhotoButton>
              </>
            )}
            <p className="camera-shots" role="status">
              {shotsLeft !== undefined &&
                (hasShots ? `${shotsWords(shotsLeft)} left` : "That was your last shot.")}
            </p>
          </section>
        )}
        <GuestUploads isSealed={album.sealed} />
        {album.sealed && <SealedPanel album={album} />}
        {!album.sealed && filesError && files.length === 0 && (
          <LoadFailure what="The pictures" detail={failureWords(filesError)} onRetry={refetch} />
        )}
        {!album.sealed && !isPending && !filesError && files.length === 0 && (
          <p className="guest-empty">
            {adds ? "Nothing is in it yet: the first photo is yours." : "Nothing is in it yet."}
          </p>
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
        Good until {momentWords(guest.expiresAt)}, in this tab alone: keep it open, or keep the invitation to
        come in again.
        {signUp !== "none" && (
          <>
            {" "}
            <a href={signInAddress({ returnTo: invitePath, create: false })}>Sign in</a> to make what you sent
            your account’s.
          </>
        )}
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
