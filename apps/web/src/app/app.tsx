import { StowageProvider } from "@stowage/react";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useRef, useSyncExternalStore } from "react";
import { useLater } from "./chrome/use-later.ts";
import { keepsPictures, offlineReader } from "./kept/device-choice.ts";
import { KeptProvider } from "./kept/kept-context.tsx";
import { loadLater } from "./load-later.ts";
import { OpeningScreen } from "./screens/opening-screen.tsx";
import { SignedOutScreen } from "./screens/signed-out-screen.tsx";
import { UnreachableScreen } from "./screens/unreachable-screen.tsx";
import type { Session } from "./session/create-session.ts";
import type { Visits } from "./session/visits.ts";
import { SignedInApp } from "./signed-in-app.tsx";

/** A network that gives no answers is none to somebody who waits. */
const slowMs = 5_000;

const OfflineApp = lazy(async () => ({ default: (await loadLater()).OfflineApp }));

/** Everything on the page: what it shows depends on who is signed in. */
export function App({
  session,
  visits,
  queryClient,
}: {
  readonly session: Session;
  readonly visits: Visits;
  readonly queryClient: QueryClient;
}) {
  const { session: state, visit, unfinished } = useSyncExternalStore(visits.subscribe, visits.getSnapshot);
  // What is shown without a server stays while that is asked for again.
  const isAway = useRef(false);
  if (state.status !== "checking") isAway.current = state.status === "unreachable";
  const isSlow = useLater(slowMs);
  const retry = useCallback(() => void session.check(), [session]);
  if (visit)
    return (
      <QueryClientProvider client={queryClient}>
        <StowageProvider client={visit.client}>
          <KeptProvider person={visit.account.subject} life={visit.life}>
            <SignedInApp key={visit.account.subject} account={visit.account} signOut={visits.signOut} />
          </KeptProvider>
        </StowageProvider>
      </QueryClientProvider>
    );
  const isWaiting = state.status === "checking" && isSlow;
  const reader = (isAway.current || isWaiting) && keepsPictures.get() ? offlineReader.get() : undefined;
  if (reader !== undefined)
    return (
      <Suspense fallback={<OpeningScreen />}>
        <OfflineApp key={reader} person={reader} onRetry={retry} />
      </Suspense>
    );
  if (state.status === "unreachable") return <UnreachableScreen onRetry={retry} />;
  if (state.status === "signed-out") return <SignedOutScreen why={state.why} unfinished={unfinished} />;
  return <OpeningScreen />;
}
