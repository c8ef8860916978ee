import { createAlbums } from "@stowage/client/albums";
import { useStowage } from "@stowage/react";
import { albumsKey } from "@stowage/react/albums";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { PanelDialog, Trouble } from "../chrome/panel-dialog.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { NameField, RevealField, ShotsField } from "./album-fields.tsx";
import { localMinutes } from "./local-minutes.ts";

const weekMs = 7 * 24 * 3600 * 1000;

/** Asks what an album is to be, and makes it. */
export function NewAlbumDialog({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { isBusy, trouble, attempt } = useAttempt();
  const [name, setName] = useState("");
  const [isSealed, setSealed] = useState(false);
  const [revealAt, setRevealAt] = useState(() => localMinutes(new Date(Date.now() + weekMs)));
  const [shots, setShots] = useState("");
  const sealedId = useId();

  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || name.trim() === "") return;
    await attempt(async () => {
      const { id } = await createAlbums(client).create({
        name: name.trim(),
        ...(isSealed ? { revealAt: new Date(revealAt).toISOString() } : {}),
        ...(shots === "" ? {} : { shotsPerMember: Number(shots) }),
      });
      await queryClient.invalidateQueries({ queryKey: albumsKey(client) });
      onClose();
      onMade(id);
    });
  };

  return (
    <PanelDialog title="New album" onClose={onClose}>
      <form className="fields" onSubmit={(event) => void make(event)}>
        <NameField value={name} onChange={setName} />
        <label className="choice">
          <input
            type="checkbox"
            checked={isSealed}
            aria-describedby={sealedId}
            onChange={(event) => setSealed(event.currentTarget.checked)}
          />
          <span>Sealed until a reveal</span>
        </label>
        <p id={sealedId} className="small-print">
          A disposable camera: nobody sees any photo before the reveal, you neither. It can’t be sealed later.
        </p>
        {isSealed && <RevealField value={revealAt} onChange={setRevealAt} min={localMinutes(new Date())} />}
        <ShotsField value={shots} onChange={setShots} />
        <Trouble>{trouble}</Trouble>
        <div className="actions">
          <button type="submit" className="button primary" disabled={isBusy || name.trim() === ""}>
            {isBusy ? "Making…" : "Make album"}
          </button>
        </div>
      </form>
    </PanelDialog>
  );
}
