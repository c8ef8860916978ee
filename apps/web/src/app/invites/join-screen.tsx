import { ClientError } from "@stowage/client";
import { createBrowserClient } from "@stowage/client/browser";
import { Aperture, Images } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { momentWords, shotsWords, untilWords } from "../albums/reveal-words.ts";
import { failureWords } from "../chrome/failure-words.ts";
import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import { albumPath, invitePath } from "../screens/screen-of.ts";
import type { Session } from "../session/create-session.ts";
import type { Account } from "../session/session-state.ts";
import { signInAddress } from "../session/sign-in-address.ts";
import { whoMaySignUp } from "../session/who-may-sign-up.ts";
import type { InvitedTo } from "./ask-invite.ts";

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
          <JoinAsOneself token={token} session={session} account={account} />
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

function JoinAsOneself({
  token,
  session,
  account,
}: {
  readonly token: string;
  readonly session: Session;
  readonly account: Account;
}) {
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string>();
  const join = async () => {
    setAsking(true);
    setFailure(undefined);
    const client = createBrowserClient({
      getToken: (refused) => session.getToken(account.subject, refused),
      maxAttempts: 3,
    });
    try {
      const request = { method: "POST", path: "/v1/invites/accept", body: { token } } as const;
      location.assign(albumPath(await client.askApi(request, ({ json }) => albumIdOf(json))));
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      setFailure(
        error.code === "not-found" ? "This invitation lets nobody in any more." : failureWords(error),
      );
      setAsking(false);
    }
  };
  return (
    <>
      <div className="actions">
        <button
          type="button"
          className="button primary large"
          disabled={isAsking}
          onClick={() => void join()}
        >
          {isAsking ? "Joining…" : "Join"}
        </button>
      </div>
      {failure !== undefined && (
        <p className="form-trouble" role="alert">
          {failure}
        </p>
      )}
      <p className="small-print">
        You join as <bdi>{account.name ?? account.email ?? "yourself"}</bdi>. Others in the album see your
        name; your files stay yours.
      </p>
    </>
  );
}

function albumIdOf(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null || !("album" in json)) return undefined;
  const { album } = json;
  if (typeof album !== "object" || album === null || !("id" in album)) return undefined;
  return typeof album.id === "string" ? album.id : undefined;
}
