import { createAlbums } from "@stowage/client/albums";
import { useStowage } from "@stowage/react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { PanelDialog, Trouble } from "../chrome/panel-dialog.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { albumsKey } from "./album-queries.ts";
import { localMinutes } from "./local-minutes.ts";

const weekMs = 7 * 24 * 3600 * 1000;
const longestName = 300;

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
  const ids = { name: useId(), sealed: useId(), reveal: useId(), shots: useId() };

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
        <label htmlFor={ids.name}>Name</label>
        <input
          id={ids.name}
          required
          dir="auto"
          autoComplete="off"
          maxLength={longestName}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <label className="choice">
          <input
            type="checkbox"
            checked={isSealed}
            aria-describedby={ids.sealed}
            onChange={(event) => setSealed(event.currentTarget.checked)}
          />
          <span>Sealed until a reveal</span>
        </label>
        <p id={ids.sealed} className="small-print">
          A disposable camera: nobody sees any photo before the reveal, you neither. It can’t be sealed later.
        </p>
        {isSealed && (
          <>
            <label htmlFor={ids.reveal}>Reveal</label>
            <input
              id={ids.reveal}
              type="datetime-local"
              required
              min={localMinutes(new Date())}
              value={revealAt}
              onChange={(event) => setRevealAt(event.currentTarget.value)}
            />
          </>
        )}
        <label htmlFor={ids.shots}>Shots for each person</label>
        <input
          id={ids.shots}
          type="number"
          inputMode="numeric"
          min={1}
          max={100_000}
          placeholder="As many as they like"
          value={shots}
          onChange={(event) => setShots(event.currentTarget.value)}
        />
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
