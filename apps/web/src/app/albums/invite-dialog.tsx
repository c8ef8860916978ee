import type { Album, NewAlbumInvite } from "@stowage/client";
import { createAlbums } from "@stowage/client/albums";
import { useStowage } from "@stowage/react";
import { albumInvitesQuery, albumsKey } from "@stowage/react/albums";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { CopyField } from "../chrome/copy-field.tsx";
import { PanelDialog, Trouble } from "../chrome/panel-dialog.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { LinksSection } from "../sharing/links-section.tsx";
import { momentWords } from "./reveal-words.ts";

const dayMs = 24 * 3600 * 1000;

/** Makes ways into an album, shows the new one once, and takes back those that there are. */
export function InviteDialog({ album, onClose }: { readonly album: Album; readonly onClose: () => void }) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { isBusy, trouble, attempt } = useAttempt();
  const { data } = useQuery(albumInvitesQuery(client, album.id));
  const [made, setMade] = useState<NewAlbumInvite>();
  const [role, setRole] = useState<"contributor" | "viewer">("contributor");
  const [maxUses, setMaxUses] = useState("100");
  const [days, setDays] = useState("30");
  const ids = { role: useId(), uses: useId(), days: useId() };
  const albums = createAlbums(client);
  const refresh = () => queryClient.invalidateQueries({ queryKey: [...albumsKey(client), "invites"] });

  const make = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const invite = await albums.invite(album.id, {
        role,
        maxUses: Number(maxUses),
        expiresAt: new Date(Date.now() + Number(days) * dayMs).toISOString(),
      });
      setMade(invite);
      await refresh();
    });
  };
  const others = (data?.items ?? []).filter(({ id }) => id !== made?.id);

  return (
    <PanelDialog title="Invite to the album" onClose={onClose}>
      {made ? (
        <section className="new-invite" aria-label="The new invitation">
          <img
            className="qr"
            alt="The invitation as a QR code"
            width={232}
            height={232}
            src={`data:image/svg+xml,${encodeURIComponent(made.qr)}`}
          />
          <CopyField label="The invitation" value={made.url} />
          <p className="small-print">
            It is shown this once. Whoever has it joins, with an account or as a guest by a name: until{" "}
            {momentWords(made.expiresAt)}
            {made.maxUses === null ? "" : `, ${made.maxUses} of them`}.
          </p>
        </section>
      ) : (
        <form className="fields" onSubmit={make}>
          <label htmlFor={ids.role}>Who comes by it</label>
          <select
            id={ids.role}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value === "viewer" ? "viewer" : "contributor")}
          >
            <option value="contributor">may add and look</option>
            <option value="viewer">may look</option>
          </select>
          <label htmlFor={ids.uses}>How many may come</label>
          <input
            id={ids.uses}
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={10_000}
            value={maxUses}
            onChange={(event) => setMaxUses(event.currentTarget.value)}
          />
          <label htmlFor={ids.days}>For how many days</label>
          <input
            id={ids.days}
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={366}
            value={days}
            onChange={(event) => setDays(event.currentTarget.value)}
          />
          <div className="actions">
            <button type="submit" className="button primary" disabled={isBusy}>
              {isBusy ? "Making…" : "Make invitation"}
            </button>
          </div>
        </form>
      )}
      <Trouble>{trouble}</Trouble>
      {others.length > 0 && (
        <section>
          <h3>{made ? "Others" : "Made before"}</h3>
          <ul className="people" aria-label="Invitations">
            {others.map((invite) => (
              <li key={invite.id}>
                <span className="person-name">
                  {invite.role === "viewer" ? "To look" : "To add"}
                  <span className="person-facts">
                    {invite.uses} {invite.maxUses === null ? "" : `of ${invite.maxUses} `}came · until{" "}
                    {momentWords(invite.expiresAt)}
                  </span>
                </span>
                <button
                  type="button"
                  className="button"
                  disabled={isBusy}
                  onClick={() =>
                    void attempt(async () => {
                      await albums.revokeInvite(album.id, invite.id);
                      await refresh();
                    })
                  }
                >
                  Take back
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {!album.sealed && <LinksSection id={album.id} to="albums" />}
    </PanelDialog>
  );
}
