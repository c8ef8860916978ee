import { Aperture, Images } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { momentWords, shotsWords, untilWords } from "../albums/reveal-words.ts";
import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import { invitePath } from "../screens/screen-of.ts";
import type { Session } from "../session/create-session.ts";
import type { Account } from "../session/session-state.ts";
import { signInAddress } from "../session/sign-in-address.ts";
import { whoMaySignUp } from "../session/who-may-sign-up.ts";
import type { InvitedTo } from "./ask-invite.ts";
import { goToAlbum, JoinAsOneself } from "./join-as-oneself.tsx";

/** Characters, as the server counts them. */
const longestName = 100;

/** What an invite is to, and the ways in: by a name, or by an account. */
export function JoinScreen({
  to,
  token,
  session,
  account,
  hasEnded,
  onGuest,
}: {
  readonly to: InvitedTo;
  readonly token: string;
  readonly session: Session;
  /** Who is signed in here, where somebody is. */
  readonly account: Account | undefined;
  /** They were a guest here before. */
  readonly hasEnded: boolean;
  readonly onGuest: (name: string) => Promise<void>;
}) {
  const { album, role } = to;
  const adds = role === "contributor";
  useTitle(album.name);
  return (
    <div className="message-screen invitation">
      <header>
        <Wordmark />
      </header>
      <main>
        {album.sealed ? <Aperture aria-hidden="true" /> : <Images aria-hidden="true" />}
        <p className="invitation-kind">You are invited to</p>
        <h1>
          <bdi>{album.name}</bdi>
        </h1>
        {hasEnded && <p role="status">Your time as a guest has ended. You can come in again.</p>}
        {album.sealed && album.revealAt !== undefined ? (
          <p>
            {adds ? "A camera for everybody who is there" : "An album"}
            {adds && album.shotsPerMember !== undefined && `, with ${shotsWords(album.shotsPerMember)} each`}.
            Nobody sees any photo before <time dateTime={album.revealAt}>{momentWords(album.revealAt)}</time>,{" "}
            {untilWords(album.revealAt, Date.now())}.
          </p>
        ) : (
          <p>
            An album of several people: you see what is in it
            {adds ? " and add your own" : ""}
            {adds && album.shotsPerMember !== undefined && `, ${shotsWords(album.shotsPerMember)} each`}.
          </p>
        )}
        {account ? (
          <JoinAsOneself
            asked={{ token }}
            session={session}
            account={account}
            words={["Join", "Joining…"]}
            onJoined={goToAlbum}
          >
            You join as <bdi>{account.name ?? account.email ?? "yourself"}</bdi>. Others in the album see your
            name; your files stay yours.
          </JoinAsOneself>
        ) : (
          <JoinByName onGuest={onGuest} />
        )}
      </main>
    </div>
  );
}

function JoinByName({ onGuest }: { readonly onGuest: (name: string) => Promise<void> }) {
  const [name, setName] = useState("");
  const [isAsking, setAsking] = useState(false);
  const field = useId();
  const signUp = whoMaySignUp(
    document.querySelector<HTMLMetaElement>('meta[name="stowage-sign-up"]')?.content,
  );
  const join = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "" || isAsking) return;
    setAsking(true);
    await onGuest(name.trim());
    setAsking(false);
  };
  return (
    <>
      <form className="passphrase" onSubmit={(event) => void join(event)}>
        <label htmlFor={field}>Your name, for the others</label>
        <input
          id={field}
          autoComplete="given-name"
          dir="auto"
          maxLength={longestName}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" className="button primary large" disabled={isAsking || name.trim() === ""}>
          {isAsking ? "Joining…" : "Join as guest"}
        </button>
      </form>
      {signUp !== "none" && (
        <p className="small-print">
          Have an account here?{" "}
          <a href={signInAddress({ returnTo: invitePath, create: false })}>Sign in and join</a>: your photos
          are then among your files.
        </p>
      )}
    </>
  );
}
