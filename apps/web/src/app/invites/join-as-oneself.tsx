import { ClientError } from "@stowage/client";
import { createBrowserUploader } from "@stowage/client/browser";
import { type ReactNode, useState } from "react";
import { failureWords } from "../chrome/failure-words.ts";
import { albumPath } from "../screens/screen-of.ts";
import type { Session } from "../session/create-session.ts";
import type { Account } from "../session/session-state.ts";

export const goToAlbum = (albumId: string): void => location.assign(albumPath(albumId));

/** Joins an album by the account that is signed in, or takes over what one has in it as a guest. */
export function JoinAsOneself({
  asked,
  session,
  account,
  words: [todo, doing],
  onJoined,
  children,
}: {
  readonly asked: { readonly token: string } | { readonly guestToken: string };
  readonly session: Session;
  readonly account: Account;
  /** Of the button: before, and while it is done. */
  readonly words: readonly [string, string];
  readonly onJoined: (albumId: string) => void;
  /** What comes of it. */
  readonly children: ReactNode;
}) {
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string>();
  const join = async () => {
    setAsking(true);
    setFailure(undefined);
    const client = createBrowserUploader({
      getToken: (refused) => session.getToken(account.subject, refused),
      maxAttempts: 3,
    });
    try {
      const request = { method: "POST", path: "/v1/invites/accept", body: asked } as const;
      onJoined(await client.askApi(request, ({ json }) => albumIdOf(json)));
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
          {isAsking ? doing : todo}
        </button>
      </div>
      {failure !== undefined && (
        <p className="form-trouble" role="alert">
          {failure}
        </p>
      )}
      <p className="small-print">{children}</p>
    </>
  );
}

function albumIdOf(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null || !("album" in json)) return undefined;
  const { album } = json;
  if (typeof album !== "object" || album === null || !("id" in album)) return undefined;
  return typeof album.id === "string" ? album.id : undefined;
}
