import type { Album } from "@stowage/client";
import { createAlbums } from "@stowage/client/albums";
import { useStowage } from "@stowage/react";
import { albumsKey } from "@stowage/react/albums";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ConfirmDialog } from "../chrome/confirm-dialog.tsx";
import { PanelDialog, Trouble } from "../chrome/panel-dialog.tsx";
import { useToasts } from "../chrome/toasts.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { NameField, RevealField, ShotsField } from "./album-fields.tsx";
import { forgetAlbums } from "./forget-albums.ts";
import { localMinutes } from "./local-minutes.ts";
import { untilWords } from "./reveal-words.ts";

/** What an owner may change of an album, and what can't be taken back: its reveal, its end. */
export function AlbumSettings({
  album,
  onClose,
  onDeleted,
}: {
  readonly album: Album;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { show } = useToasts();
  const { isBusy, trouble, attempt } = useAttempt();
  const [asked, setAsked] = useState<"reveal" | "delete">();
  const [name, setName] = useState(album.name);
  const [revealAt, setRevealAt] = useState(localMinutes(new Date(album.revealAt ?? Date.now())));
  const [shots, setShots] = useState(String(album.shotsPerMember ?? ""));
  const albums = createAlbums(client);
  const refresh = () => queryClient.invalidateQueries({ queryKey: albumsKey(client) });

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const wantedShots = shots === "" ? null : Number(shots);
    const update = {
      ...(name.trim() === album.name ? {} : { name: name.trim() }),
      ...(album.sealed && revealAt !== localMinutes(new Date(album.revealAt ?? 0))
        ? { revealAt: new Date(revealAt).toISOString() }
        : {}),
      ...(wantedShots === (album.shotsPerMember ?? null) ? {} : { shotsPerMember: wantedShots }),
    };
    const isDone =
      Object.keys(update).length === 0 ||
      (await attempt(async () => {
        await albums.update(album.id, update);
        await refresh();
      }));
    if (isDone) onClose();
  };
  const reveal = async () => {
    setAsked(undefined);
    const isDone = await attempt(async () => {
      await albums.reveal(album.id);
      await refresh();
    });
    if (!isDone) return;
    show({ text: "Revealed: everybody in the album sees all of it now." });
    onClose();
  };
  const remove = async () => {
    setAsked(undefined);
    const isDone = await attempt(() => albums.remove(album.id));
    if (!isDone) return;
    show({ text: `${album.name} deleted. The files in it are their owners’ still.` });
    forgetAlbums(queryClient, client);
    onDeleted();
  };

  return (
    <PanelDialog title="Album settings" onClose={onClose}>
      <form className="fields" onSubmit={(event) => void save(event)}>
        <NameField value={name} onChange={setName} />
        {album.sealed && <RevealField value={revealAt} onChange={setRevealAt} />}
        <ShotsField value={shots} onChange={setShots} />
        <Trouble>{trouble}</Trouble>
        <div className="actions">
          <button type="submit" className="button primary" disabled={isBusy || name.trim() === ""}>
            Save
          </button>
        </div>
      </form>
      <div className="actions panel-foot">
        {album.sealed && (
          <button type="button" className="button" disabled={isBusy} onClick={() => setAsked("reveal")}>
            Reveal now
          </button>
        )}
        <button type="button" className="button" disabled={isBusy} onClick={() => setAsked("delete")}>
          Delete album
        </button>
      </div>
      {asked === "reveal" && (
        <ConfirmDialog
          title="Reveal it now?"
          confirm="Reveal now"
          cancel="Keep it sealed"
          onConfirm={() => void reveal()}
          onCancel={() => setAsked(undefined)}
        >
          Everybody in the album sees everything in it from then on. It can’t be sealed again
          {album.revealAt === undefined
            ? "."
            : `; by itself it is revealed ${untilWords(album.revealAt, Date.now())}.`}
        </ConfirmDialog>
      )}
      {asked === "delete" && (
        <ConfirmDialog
          title={
            <>
              Delete <bdi>{album.name}</bdi>?
            </>
          }
          confirm="Delete album"
          cancel="Keep"
          onConfirm={() => void remove()}
          onCancel={() => setAsked(undefined)}
        >
          Nobody is in it any more then. The files stay their owners’.
        </ConfirmDialog>
      )}
    </PanelDialog>
  );
}
