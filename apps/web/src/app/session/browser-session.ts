import { createSession, type Session, sessionChannelName, type TabMessage } from "./create-session.ts";
import { sessionEndpoints } from "./session-endpoints.ts";

/** A page that was hidden for longer asks anew who is signed in. */
const trustedMs = 30_000;

/** The session of this page in a browser. It asks again when the page is shown again. */
export function createBrowserSession(): Session {
  const channel = new BroadcastChannel(sessionChannelName);
  const session = createSession({
    endpoints: sessionEndpoints((path, init) => fetch(path, init)),
    channel: {
      postMessage: (message: TabMessage) => channel.postMessage(message),
      addEventListener: (type, listener) => channel.addEventListener(type, listener),
    },
    exclusively: runExclusively,
    nowMs: () => performance.now(),
  });
  let hiddenAtMs = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") hiddenAtMs = performance.now();
    else if (performance.now() - hiddenAtMs > trustedMs) void session.check();
  });
  // A page that comes out of the back/forward cache has missed what other tabs said.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
  return session;
}

/** Over all tabs where there are locks: not in an insecure context, where the server's own single flight must do. */
async function runExclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined;
  return locks ? locks.request(sessionChannelName, work) : work();
}
