import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import type { Session } from "../session/create-session.ts";
import type { Account } from "../session/session-state.ts";
import type { Guest } from "./invite-memory.ts";
import { goToAlbum, JoinAsOneself } from "./join-as-oneself.tsx";

/** To a guest who has signed in: what they sent becomes their account's, if they like. */
export function TakeOverScreen({
  guest,
  session,
  account,
  onTaken,
  onStay,
}: {
  readonly guest: Guest;
  readonly session: Session;
  readonly account: Account;
  readonly onTaken: () => void;
  readonly onStay: () => void;
}) {
  useTitle("Keep your photos");
  return (
    <div className="message-screen invitation">
      <header>
        <Wordmark />
      </header>
      <main>
        <p className="invitation-kind">
          You were here as <bdi>{guest.name}</bdi>
        </p>
        <h1>Keep your photos</h1>
        <JoinAsOneself
          asked={{ guestToken: guest.token }}
          session={session}
          account={account}
          words={["Make them mine", "Taking over…"]}
          onJoined={(albumId) => {
            onTaken();
            goToAlbum(albumId);
          }}
        >
          What you sent becomes <bdi>{account.name ?? account.email ?? "your account"}</bdi>’s. In the album
          you are still <bdi>{guest.name}</bdi>, and what is sealed stays sealed.
        </JoinAsOneself>
        <p>
          <button type="button" className="text-button" onClick={onStay}>
            Go on as a guest
          </button>
        </p>
      </main>
    </div>
  );
}
