import type { Album } from "@stowage/client";
import { useStowage } from "@stowage/react";
import { albumCoverQuery, albumsQuery } from "@stowage/react/albums";
import { FilePicture } from "@stowage/react/picture";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Aperture, Images, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { GridSkeleton } from "../files/grid-skeleton.tsx";
import { useKeptPictures } from "../kept/kept-context.tsx";
import { albumPath } from "../screens/screen-of.ts";
import { NewAlbumDialog } from "./new-album-dialog.tsx";
import { photosWords, untilWords } from "./reveal-words.ts";

/** The albums that one is in. */
export function AlbumsScreen({ onOpen }: { readonly onOpen: (id: string) => void }) {
  const { client } = useStowage();
  const list = useInfiniteQuery(albumsQuery(client));
  const { data, isPending, isError, error, refetch, hasNextPage, fetchNextPage } = list;
  const [isMaking, setMaking] = useState(false);
  useTitle("Albums");
  const albums = (data?.pages ?? []).flatMap(({ items }) => items);
  return (
    <>
      <div className="screen-head">
        <h1>Albums</h1>
        <button type="button" className="button" onClick={() => setMaking(true)}>
          <Plus aria-hidden="true" />
          New album
        </button>
      </div>
      {isPending && <GridSkeleton />}
      {isError && albums.length === 0 && (
        <LoadFailure what="Your albums" detail={failureWords(error)} onRetry={() => void refetch()} />
      )}
      {!isPending && !isError && albums.length === 0 && (
        <div className="empty">
          <Images aria-hidden="true" />
          <h2>No albums yet</h2>
          <p>
            Photos of several people in one place. Seal one until a day of your choice, and it is a disposable
            camera for everybody you invite.
          </p>
          <button type="button" className="button large" onClick={() => setMaking(true)}>
            Make an album
          </button>
        </div>
      )}
      {albums.length > 0 && (
        <ul className="albums" aria-label="Albums">
          {albums.map((album) => (
            <li key={album.id}>
              <Link href={albumPath(album.id)} className="album-card">
                <Cover album={album} />
                <span className="album-card-name">
                  <bdi>{album.name}</bdi>
                </span>
                <span className="album-card-facts">{factsOf(album)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <p className="more">
          <button type="button" className="text-button" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        </p>
      )}
      {isMaking && <NewAlbumDialog onClose={() => setMaking(false)} onMade={onOpen} />}
    </>
  );
}

const factsOf = ({ count, sealed, revealAt }: Album): string =>
  sealed && revealAt !== undefined
    ? `${photosWords(count)}, sealed: shown ${untilWords(revealAt, Date.now())}`
    : photosWords(count);

/** The newest picture of an album that may be seen. */
function Cover({ album }: { readonly album: Album }) {
  const { client } = useStowage();
  const kept = useKeptPictures().others;
  const { data } = useQuery({
    ...albumCoverQuery(client, album.id),
    enabled: !album.sealed && album.count > 0,
  });
  const file = data?.items.find(({ derivatives }) => derivatives.some(({ name }) => name === "thumbnail"));
  const Icon = album.sealed ? Aperture : Images;
  return (
    <span className="album-cover">
      {file && !album.sealed ? (
        <FilePicture
          file={file}
          derivative="thumbnail"
          kept={kept}
          alt=""
          className="tile-picture"
          style={{ width: "100%", height: "100%", aspectRatio: "auto" }}
        />
      ) : (
        <Icon aria-hidden="true" />
      )}
    </span>
  );
}
