import type { Album, AlbumMember } from "@stowage/client";
import { createAlbums } from "@stowage/client/albums";
import { useStowage } from "@stowage/react";
import { albumMembersQuery, albumsKey } from "@stowage/react/albums";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { UserMinus } from "lucide-react";
import { failureWords } from "../chrome/failure-words.ts";
import { PanelDialog, Trouble } from "../chrome/panel-dialog.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { useMe } from "../chrome/use-me.ts";
import { forgetAlbums } from "./forget-albums.ts";

const roles = [
  ["viewer", "May look"],
  ["contributor", "May add"],
  ["owner", "Owner"],
] as const;

/** Who is in an album, and as what; its owners change that, everybody may leave. */
export function MembersDialog({
  album,
  onClose,
  onLeft,
}: {
  readonly album: Album;
  readonly onClose: () => void;
  readonly onLeft: () => void;
}) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { data: me } = useMe();
  const { isBusy, trouble, attempt } = useAttempt();
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(albumMembersQuery(client, album.id));
  const members = (data?.pages ?? []).flatMap(({ items }) => items);
  const albums = createAlbums(client);
  const isOwner = album.role === "owner";
  const refresh = () => queryClient.invalidateQueries({ queryKey: albumsKey(client) });
  const change = (work: () => Promise<unknown>) =>
    attempt(async () => {
      await work();
      await refresh();
    });
  const leave = async (userId: string) => {
    if (!(await attempt(() => albums.removeMember(album.id, userId)))) return;
    forgetAlbums(queryClient, client);
    onLeft();
  };

  return (
    <PanelDialog title="People in this album" onClose={onClose}>
      {error && <Trouble>{failureWords(error)}</Trouble>}
      <ul className="people" aria-label="People">
        {members.map((member) => {
          const { userId, role } = member;
          const isMe = userId === me?.id;
          const name = isMe ? "You" : nameOf(member);
          return (
            <li key={userId}>
              <span className="person-name">
                <bdi>{name}</bdi>
              </span>
              {isOwner ? (
                <select
                  aria-label={`What ${isMe ? "you" : name} may do`}
                  value={role}
                  disabled={isBusy}
                  onChange={(event) => {
                    const wanted = roles.find(([each]) => each === event.currentTarget.value)?.[0];
                    if (wanted) void change(() => albums.setMember(album.id, userId, wanted));
                  }}
                >
                  {roles.map(([value, words]) => (
                    <option key={value} value={value}>
                      {words}
                    </option>
                  ))}
                </select>
              ) : (
                <span className="person-facts">{roles.find(([value]) => value === role)?.[1]}</span>
              )}
              {isOwner && !isMe && (
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Put ${name} out`}
                  title="Put out of the album"
                  disabled={isBusy}
                  onClick={() => void change(() => albums.removeMember(album.id, userId))}
                >
                  <UserMinus aria-hidden="true" />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {hasNextPage && (
        <button type="button" className="text-button" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
      <Trouble>{trouble}</Trouble>
      <p className="small-print">
        Who is put out, or leaves, sees the album no more; what they added stays in it.
      </p>
      {me && (
        <div className="actions panel-foot">
          <button type="button" className="button" disabled={isBusy} onClick={() => void leave(me.id)}>
            Leave the album
          </button>
        </div>
      )}
    </PanelDialog>
  );
}

/** Whom an owner put in has said no name here. */
const nameOf = ({ name, role }: AlbumMember): string =>
  name ?? (role === "owner" ? "An owner" : "Somebody who was put in");
