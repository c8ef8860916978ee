import { QueryClient } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { addressMismatch } from "./chrome/address-mismatch.ts";
import { ErrorBoundary } from "./chrome/error-boundary.tsx";
import { WrongAddressScreen } from "./screens/wrong-address-screen.tsx";
import { createBrowserSession } from "./session/browser-session.ts";
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
  const session = createBrowserSession();
  root.render(
    <ErrorBoundary>
      <App session={session} visits={createVisits(session)} queryClient={new QueryClient()} />
    </ErrorBoundary>,
  );
  void session.check();
}

const container = document.getElementById("root");
if (container) start(container);
