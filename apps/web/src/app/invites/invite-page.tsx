import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useTitle } from "../chrome/use-title.ts";
import { MessageScreen } from "../screens/message-screen.tsx";
import { OpeningScreen } from "../screens/opening-screen.tsx";
import { filesPath } from "../screens/screen-of.ts";
import type { Session } from "../session/create-session.ts";
import { joinAsGuest, type PreviewAnswer, previewInvite } from "./ask-invite.ts";
import { GuestAlbum } from "./guest-album.tsx";
import type { InviteMemory, KeptInvite } from "./invite-memory.ts";
import { JoinScreen } from "./join-screen.tsx";
import { TakeOverScreen } from "./take-over-screen.tsx";

const ask: typeof fetch = (...asked) => fetch(...asked);

/** What somebody sees who came by an album's invite: what it is to, the way in, and then the album. */
export function InvitePage({
  invite,
  memory,
  session,
  queryClient,
}: {
  /** Absent: the address had none, and this tab knows of none. */
  readonly invite: KeptInvite | undefined;
  readonly memory: InviteMemory;
  readonly session: Session;
  readonly queryClient: QueryClient;
}) {
  const [guest, setGuest] = useState(invite?.guest);
  const [hasEnded, setEnded] = useState(invite?.hasEnded === true);
  const [isStaying, setStaying] = useState(false);
  const [answer, setAnswer] = useState<PreviewAnswer>();
  const state = useSyncExternalStore(session.subscribe, session.getState);
  const token = invite?.token;
  useTitle("An invitation");

  const look = useCallback(async () => {
    setAnswer(token === undefined ? { name: "gone" } : await previewInvite(ask, token));
  }, [token]);
  useEffect(() => {
    void session.check();
  }, [session]);
  useEffect(() => {
    if (!guest) void look();
  }, [guest, look]);

  if (guest && state.status === "signed-in" && !isStaying)
    return (
      <TakeOverScreen
        guest={guest}
        session={session}
        account={state.account}
        onTaken={() => memory.forget()}
        onStay={() => setStaying(true)}
      />
    );
  if (guest)
    return (
      <QueryClientProvider client={queryClient}>
        <GuestAlbum
          guest={guest}
          onEnd={() => {
            // They may come again, as somebody new, where the invite still lets them.
            if (token !== undefined) memory.keep({ token, hasEnded: true });
            setEnded(true);
            setGuest(undefined);
          }}
        />
      </QueryClientProvider>
    );
  if (answer === undefined || state.status === "checking") return <OpeningScreen />;
  switch (answer.name) {
    case "invited":
      return (
        <JoinScreen
          to={answer.to}
          token={token ?? ""}
          session={session}
          account={state.status === "signed-in" ? state.account : undefined}
          hasEnded={hasEnded}
          onGuest={async (name) => {
            const joined = await joinAsGuest(ask, token ?? "", name);
            if (joined.name !== "joined") return setAnswer(joined);
            memory.keep({ token: token ?? "", guest: joined.guest });
            setEnded(false);
            setGuest(joined.guest);
          }}
        />
      );
    case "gone":
      return (
        <MessageScreen
          title={hasEnded ? "Your time in this album has ended" : "This invitation lets nobody in"}
          actions={
            <a className="button" href={filesPath}>
              To this server’s front page
            </a>
          }
        >
          {hasEnded
            ? "Guests stay until a month after the reveal, or until they are asked to leave. What you sent stays in the album."
            : "It may have been used up, taken back or run out, or have lost a part on its way. Ask whoever sent it to you for another."}
        </MessageScreen>
      );
    case "busy":
      return (
        <Again title="Many are coming in right now" onAgain={look}>
          Try again in {Math.max(1, Math.ceil(answer.seconds / 60))} min: the invitation is as good as it was.
        </Again>
      );
    case "unreachable":
      return (
        <Again title="The server can’t be reached" onAgain={look}>
          The invitation is as good as it was: try again in a moment.
        </Again>
      );
  }
}

function Again({
  title,
  children,
  onAgain,
}: {
  readonly title: string;
  readonly children: React.ReactNode;
  readonly onAgain: () => Promise<void>;
}) {
  const [isAsking, setAsking] = useState(false);
  return (
    <MessageScreen
      title={title}
      actions={
        <button
          type="button"
          className="button primary"
          disabled={isAsking}
          onClick={async () => {
            setAsking(true);
            await onAgain();
            setAsking(false);
          }}
        >
          Try again
        </button>
      }
    >
      {children}
    </MessageScreen>
  );
}
