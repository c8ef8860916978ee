import { type Album, type File, ProblemError } from "@stowage/client";
import { createAlbums } from "@stowage/client/albums";
import { useStowage } from "@stowage/react";
import { albumsKey } from "@stowage/react/albums";
import { useQueryClient } from "@tanstack/react-query";
import { FolderMinus, ImagePlus, Images, QrCode, Settings2, Users } from "lucide-react";
import { useState } from "react";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useToasts } from "../chrome/toasts.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { GridSkeleton } from "../files/grid-skeleton.tsx";
import { AlbumSettings } from "./album-settings.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { MembersDialog } from "./members-dialog.tsx";
import { PictureGrid } from "./picture-grid.tsx";
import { PictureViewer } from "./picture-viewer.tsx";
import { photosWords, shotsWords } from "./reveal-words.ts";
import { SealedPanel } from "./sealed-panel.tsx";
import { useAlbum } from "./use-album.ts";

type Open = "invite" | "people" | "settings";

/** One album: what is in it, or that it is sealed; who is in it; and what its owners may do. */
export function AlbumScreen({
  id,
  onAddFiles,
  onGone,
}: {
  readonly id: string;
  readonly onAddFiles: () => void;
  /** It was deleted, or left. */
  readonly onGone: () => void;
}) {
  const seen = useAlbum(id);
  const { album, error, files, filesError, isPending, fetchMore, refetch } = seen;
  const [openId, setOpenId] = useState<string>();
  const [open, setOpen] = useState<Open>();
  const takeOut = useTakeOut(id);
  useTitle(album?.name ?? "Album");

  if (!album) {
    if (!error) return <GridSkeleton />;
    const isMissing = error instanceof ProblemError && error.code === "not-found";
    return isMissing ? (
      <div className="state-panel">
        <Images aria-hidden="true" />
        <h1>This album is not here</h1>
        <p>It may have been deleted, or you are in it no more.</p>
        <button type="button" className="button" onClick={onGone}>
          Back to albums
        </button>
      </div>
    ) : (
      <LoadFailure what="The album" detail={failureWords(error)} onRetry={refetch} />
    );
  }
  const isOwner = album.role === "owner";
  const adds = album.role !== "viewer";
  return (
    <>
      <div className="screen-head album-head">
        <h1>
          <bdi>{album.name}</bdi>
        </h1>
        <div className="head-actions">
          {isOwner && (
            <button type="button" className="button" onClick={() => setOpen("invite")}>
              <QrCode aria-hidden="true" />
              Invite
            </button>
          )}
          <button type="button" className="button" onClick={() => setOpen("people")}>
            <Users aria-hidden="true" />
            People
          </button>
          {isOwner && (
            <button
              type="button"
              className="icon-button"
              aria-label="Album settings"
              title="Album settings"
              onClick={() => setOpen("settings")}
            >
              <Settings2 aria-hidden="true" />
            </button>
          )}
        </div>
      </div>
      <p className="screen-note">{factsOf(album)}</p>
      {album.sealed && <SealedPanel album={album} />}
      {isPending && <GridSkeleton />}
      {filesError && files.length === 0 && (
        <LoadFailure what="The pictures" detail={failureWords(filesError)} onRetry={refetch} />
      )}
      {!album.sealed && !isPending && !filesError && files.length === 0 && (
        <div className="empty">
          <ImagePlus aria-hidden="true" />
          <h2>Nothing is in it yet</h2>
          {adds && (
            <>
              <p>What you add here is seen by everybody in the album, without the places that stand in it.</p>
              <button type="button" className="button large" onClick={onAddFiles}>
                Choose files
              </button>
            </>
          )}
        </div>
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
      {openId !== undefined && (
        <PictureViewer
          id={openId}
          files={files}
          onShow={setOpenId}
          onClose={() => setOpenId(undefined)}
          onNearEnd={fetchMore}
          actions={(file) =>
            (isOwner || file.albumIds !== undefined) && (
              <button
                type="button"
                className="icon-button"
                aria-label="Take out of the album"
                title="Take out of the album"
                onClick={() => {
                  const at = files.indexOf(file);
                  const next = files[at + 1] ?? files[at - 1];
                  if (next) setOpenId(next.id);
                  else setOpenId(undefined);
                  void takeOut(file);
                }}
              >
                <FolderMinus aria-hidden="true" />
              </button>
            )
          }
        />
      )}
      {open === "invite" && <InviteDialog album={album} onClose={() => setOpen(undefined)} />}
      {open === "people" && (
        <MembersDialog album={album} onClose={() => setOpen(undefined)} onLeft={onGone} />
      )}
      {open === "settings" && (
        <AlbumSettings album={album} onClose={() => setOpen(undefined)} onDeleted={onGone} />
      )}
    </>
  );
}

const roles: Readonly<Record<string, string>> = {
  owner: "It is yours",
  contributor: "You may add to it",
  viewer: "You may look at it",
};

function factsOf({ sealed, count, role = "viewer", shotsLeft }: Album): string {
  const words = photosWords(count);
  const facts = [
    ...(sealed ? [] : [words.charAt(0).toUpperCase() + words.slice(1)]),
    roles[role] ?? "",
    ...(shotsLeft === undefined ? [] : [`${shotsWords(shotsLeft)} left for you`]),
  ];
  return facts.join(" · ");
}

/** Takes a file out of an album; it stays its owner's. */
function useTakeOut(albumId: string): (file: File) => Promise<void> {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { show } = useToasts();
  return async (file) => {
    try {
      await createAlbums(client).removeFile(albumId, file.id);
      show({ text: `${file.name} is out of the album. It stays its owner’s.` });
    } catch (error) {
      show({ text: failureWords(error), tone: "danger" });
    }
    await queryClient.invalidateQueries({ queryKey: albumsKey(client) });
  };
}
