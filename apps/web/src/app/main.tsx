import { QueryClient } from "@tanstack/react-query";
import { createRoot, type Root } from "react-dom/client";
import { App } from "./app.tsx";
import { addressMismatch } from "./chrome/address-mismatch.ts";
import { ErrorBoundary } from "./chrome/error-boundary.tsx";
import { invitePath, linkPath } from "./screens/screen-of.ts";
import { WrongAddressScreen } from "./screens/wrong-address-screen.tsx";
import { createBrowserSession } from "./session/browser-session.ts";
import type { Session } from "./session/create-session.ts";
import { createVisits } from "./session/visits.ts";

function start(container: HTMLElement): void {
  const root = createRoot(container);
  const publicUrl = document.querySelector<HTMLMetaElement>('meta[name="stowage-public-url"]')?.content ?? "";
  const mismatch = addressMismatch(location, publicUrl);
  if (mismatch) {
    if (mismatch.goByItself) location.replace(mismatch.rightAddress);
    else root.render(<WrongAddressScreen rightAddress={mismatch.rightAddress} />);
    return;
  }
  if (location.pathname === linkPath) return void showLink(root);
  const session = createBrowserSession();
  if (location.pathname === invitePath) return void showInvite(root, session);
  root.render(
    <ErrorBoundary>
      <App session={session} visits={createVisits(session)} queryClient={new QueryClient()} />
    </ErrorBoundary>,
  );
  void session.check();
}

/** What a link opens stands behind the `#`, which no server is told. Nobody's session is asked for. */
async function showLink(root: Root): Promise<void> {
  const { LinkPage } = await import("./visitors-later.ts");
  // Another link that is put into the address bar of this tab.
  addEventListener("hashchange", () => location.reload());
  root.render(
    <ErrorBoundary>
      <LinkPage token={location.hash.slice(1)} queryClient={new QueryClient()} />
    </ErrorBoundary>,
  );
}

/** The same for an invite; but who is signed in can join as oneself. */
async function showInvite(root: Root, session: Session): Promise<void> {
  const { openInvite } = await import("./visitors-later.ts");
  root.render(<ErrorBoundary>{openInvite(session, new QueryClient())}</ErrorBoundary>);
}

const container = document.getElementById("root");
if (container) start(container);
