import type { File, Person } from "@stowage/client";
import { createSharing } from "@stowage/client/sharing";
import { useStowage } from "@stowage/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Trouble } from "../chrome/panel-dialog.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { formatMoment } from "../format/format-date.ts";
import { fileInvitesQuery, grantsQuery, peopleQuery, sharingKey } from "./sharing-queries.ts";

/** Shares a file with people, and says who has it and to whom it is offered. */
export function PeopleSection({ file }: { readonly file: File }) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { isBusy, trouble, attempt } = useAttempt();
  const [address, setAddress] = useState("");
  const [said, setSaid] = useState("");
  const field = useId();
  const sharing = createSharing(client);
  const { data: grants } = useQuery(grantsQuery(client, file.id));
  const { data: invites } = useQuery(fileInvitesQuery(client, file.id));
  const { data: found } = useQuery(peopleQuery(client, address.trim()));
  const refresh = () => queryClient.invalidateQueries({ queryKey: sharingKey(client, file.id) });
  const change = (work: () => Promise<unknown>, done: string) =>
    attempt(async () => {
      setSaid("");
      await work();
      await refresh();
      setSaid(done);
    });

  const invite = async (event: FormEvent) => {
    event.preventDefault();
    const email = address.trim();
    // The same sentence whoever it is: addresses are looked up nowhere.
    const done = `Whoever signs in with ${email} finds it under “Shared with me”. No mail is sent: tell them.`;
    if (await change(() => sharing.invite(file.id, email), done)) setAddress("");
  };
  const grant = async (person: Person) => {
    const name = person.name ?? person.email ?? "They";
    if (await change(() => sharing.grant(file.id, person.id), `${name} can see it now.`)) setAddress("");
  };
  const people = found?.items ?? [];
  const granted = grants?.items ?? [];
  const offered = invites?.items ?? [];

  return (
    <section aria-label="People">
      <h3>With people</h3>
      <form className="add-person" onSubmit={(event) => void invite(event)}>
        <label className="visually-hidden" htmlFor={field}>
          E-mail address
        </label>
        <input
          id={field}
          type="email"
          required
          autoComplete="off"
          placeholder="E-mail address"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <button type="submit" className="button primary" disabled={isBusy || address.trim() === ""}>
          Share
        </button>
      </form>
      {people.length > 0 && (
        <ul className="people" aria-label="People of your organisation">
          {people.map((person) => (
            <li key={person.id}>
              <span className="person-name">
                <bdi>{person.name ?? person.email}</bdi>
                {person.name !== undefined && person.email !== undefined && (
                  <span className="person-facts">
                    <bdi>{person.email}</bdi>
                  </span>
                )}
              </span>
              <button
                type="button"
                className="button"
                disabled={isBusy}
                aria-label={`Share with ${person.name ?? person.email}`}
                onClick={() => void grant(person)}
              >
                Share
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="small-print" role="status">
        {said}
      </p>
      <Trouble>{trouble}</Trouble>
      {granted.length + offered.length > 0 && (
        <ul className="people" aria-label="Who has it">
          {granted.map((each) => {
            const name = each.name ?? each.email ?? "Somebody";
            return (
              <li key={each.userId}>
                <span className="person-name">
                  <bdi>{name}</bdi>
                  <span className="person-facts">
                    Sees it since {formatMoment(each.grantedAt)}
                    {each.endsAt !== undefined && `, until ${formatMoment(each.endsAt)}`}
                  </span>
                </span>
                <button
                  type="button"
                  className="button"
                  disabled={isBusy}
                  aria-label={`Stop sharing with ${name}`}
                  onClick={() =>
                    void change(() => sharing.revoke(file.id, each.userId), `${name} sees it no more.`)
                  }
                >
                  Stop
                </button>
              </li>
            );
          })}
          {offered.map((each) => (
            <li key={each.id}>
              <span className="person-name">
                <bdi>{each.email}</bdi>
                <span className="person-facts">
                  Offered; not accepted yet. Ends {formatMoment(each.expiresAt)}
                </span>
              </span>
              <button
                type="button"
                className="button"
                disabled={isBusy}
                aria-label={`Withdraw the offer to ${each.email}`}
                onClick={() =>
                  void change(
                    () => sharing.withdraw(file.id, each.id),
                    `It is offered to ${each.email} no more.`,
                  )
                }
              >
                Withdraw
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
