import { createLinks, type NewLink } from "@stowage/client";
import { useStowage } from "@stowage/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { CopyField } from "../chrome/copy-field.tsx";
import { Trouble } from "../chrome/panel-dialog.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { formatMoment } from "../format/format-date.ts";
import { linksQuery, sharingKey } from "./sharing-queries.ts";

const dayMs = 24 * 3600 * 1000;
const lives = [
  ["1", "For a day"],
  ["7", "For a week"],
  ["30", "For a month"],
  ["365", "For a year"],
] as const;
const shortestPassphrase = 8;

/** Makes links to a file, or to an album, shows a new one once, and takes them back. */
export function LinksSection({ id, to }: { readonly id: string; readonly to: "files" | "albums" }) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { isBusy, trouble, attempt } = useAttempt();
  const [made, setMade] = useState<NewLink>();
  const [isMaking, setMaking] = useState(false);
  const [days, setDays] = useState("30");
  const [passphrase, setPassphrase] = useState("");
  const ids = { days: useId(), passphrase: useId() };
  const { data } = useQuery(linksQuery(client, id, to));
  const links = createLinks(client, to);
  const refresh = () => queryClient.invalidateQueries({ queryKey: sharingKey(client, id) });

  const make = async (event: FormEvent) => {
    event.preventDefault();
    await attempt(async () => {
      const link = await links.create(id, {
        expiresAt: new Date(Date.now() + Number(days) * dayMs).toISOString(),
        ...(passphrase === "" ? {} : { passphrase }),
      });
      setMade(link);
      setMaking(false);
      setPassphrase("");
      await refresh();
    });
  };
  const live = (data?.items ?? []).filter(
    ({ expiresAt, maxOpens = Number.POSITIVE_INFINITY, opens }) =>
      Date.parse(expiresAt) > Date.now() && opens < maxOpens,
  );

  return (
    <section aria-label="Links">
      <h3>{to === "files" ? "By a link" : "By a link, to look alone"}</h3>
      {made && (
        <div className="new-link">
          <CopyField label="The link" value={made.url} />
          <p className="small-print">
            It is shown this once. Whoever has it sees the {to === "files" ? "file" : "pictures"}, without an
            account
            {made.hasPassphrase ? ", if they know the passphrase: send that another way" : ""}.
          </p>
        </div>
      )}
      {isMaking ? (
        <form className="fields" onSubmit={(event) => void make(event)}>
          <label htmlFor={ids.days}>How long it opens</label>
          <select id={ids.days} value={days} onChange={(event) => setDays(event.currentTarget.value)}>
            {lives.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
          <label htmlFor={ids.passphrase}>Passphrase, if it is to have one</label>
          <input
            id={ids.passphrase}
            type="text"
            autoComplete="off"
            spellCheck={false}
            minLength={shortestPassphrase}
            maxLength={200}
            placeholder={`${shortestPassphrase} characters or more`}
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
          />
          <div className="actions">
            <button type="submit" className="button primary" disabled={isBusy}>
              {isBusy ? "Making…" : "Make link"}
            </button>
            <button type="button" className="button" onClick={() => setMaking(false)}>
              Cancel
            </button>
          </div>
        </form>
      ) : (
        <button type="button" className="button" onClick={() => setMaking(true)}>
          {made ? "New link…" : "Make a link…"}
        </button>
      )}
      <Trouble>{trouble}</Trouble>
      {live.length > 0 && (
        <ul className="people" aria-label="Links that open it">
          {live.map((link) => (
            <li key={link.id}>
              <span className="person-name">
                {link.hasPassphrase ? "A link with a passphrase" : "A link"}
                <span className="person-facts">
                  Made {formatMoment(link.createdAt)}, opened{" "}
                  {link.opens === 1 ? "once" : `${link.opens} times`}, until {formatMoment(link.expiresAt)}
                </span>
              </span>
              <button
                type="button"
                className="button"
                disabled={isBusy}
                onClick={() =>
                  void attempt(async () => {
                    await links.revoke(id, link.id);
                    if (link.id === made?.id) setMade(undefined);
                    await refresh();
                  })
                }
              >
                Take back
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
