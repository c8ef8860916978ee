import { StowageProvider } from "@stowage/react";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { OpeningScreen } from "./screens/opening-screen.tsx";
import { SignedOutScreen } from "./screens/signed-out-screen.tsx";
import { UnreachableScreen } from "./screens/unreachable-screen.tsx";
import type { Session } from "./session/create-session.ts";
import type { Visits } from "./session/visits.ts";
import { SignedInApp } from "./signed-in-app.tsx";

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
  if (visit)
    return (
      <QueryClientProvider client={queryClient}>
        <StowageProvider client={visit.client}>
          <SignedInApp key={visit.account.subject} account={visit.account} signOut={visits.signOut} />
        </StowageProvider>
      </QueryClientProvider>
    );
  if (state.status === "unreachable") return <UnreachableScreen onRetry={() => void session.check()} />;
  if (state.status === "signed-out") return <SignedOutScreen why={state.why} unfinished={unfinished} />;
  return <OpeningScreen />;
}
