import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { useTitle } from "../chrome/use-title.ts";
import { MessageScreen } from "../screens/message-screen.tsx";
import { OpeningScreen } from "../screens/opening-screen.tsx";
import { LinkedAlbum } from "./linked-album.tsx";
import { LinkedFile } from "./linked-file.tsx";
import { type LinkAnswer, openLink } from "./open-link.ts";
import { PassphraseScreen } from "./passphrase-screen.tsx";

/** What a link shows to whoever has it, signed in or not: nothing of anybody's session plays a part. */
export function LinkPage({
  token,
  queryClient,
}: {
  readonly token: string;
  readonly queryClient: QueryClient;
}) {
  const [answer, setAnswer] = useState<LinkAnswer>();
  const [isAsking, setAsking] = useState(false);
  useTitle("A link");

  const ask = useCallback(
    async (passphrase?: string) => {
      setAsking(true);
      setAnswer(await openLink(fetch.bind(globalThis), token, passphrase));
      setAsking(false);
    },
    [token],
  );
  useEffect(() => void ask(), [ask]);

  switch (answer?.name) {
    case undefined:
      return <OpeningScreen />;
    case "open":
      return (
        <QueryClientProvider client={queryClient}>
          {"file" in answer ? (
            <LinkedFile file={answer.file} token={answer.token} />
          ) : (
            <LinkedAlbum id={answer.album.id} token={answer.token} />
          )}
        </QueryClientProvider>
      );
    case "passphrase":
      return (
        <PassphraseScreen
          wasWrong={answer.wasWrong}
          isAsking={isAsking}
          onPassphrase={(passphrase) => void ask(passphrase)}
        />
      );
    case "locked":
      return (
        <MessageScreen title="This link is locked for a while">
          Too many wrong passphrases were tried, by whomever. It opens again in {minutesOf(answer.seconds)}.
        </MessageScreen>
      );
    case "gone":
      return (
        <MessageScreen title="This link opens nothing">
          It may have ended or been taken back, or have lost a part on its way. Ask whoever sent it to you.
        </MessageScreen>
      );
    case "unreachable":
      return (
        <MessageScreen
          title="The server can’t be reached"
          actions={
            <button type="button" className="button primary" disabled={isAsking} onClick={() => void ask()}>
              Try again
            </button>
          }
        >
          The link is as good as it was: try again in a moment.
        </MessageScreen>
      );
  }
}

function minutesOf(seconds: number): string {
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}
