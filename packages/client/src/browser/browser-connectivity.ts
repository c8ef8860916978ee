import type { Connectivity } from "../ports.ts";

const events = ["online", "pageshow", "visibilitychange"] as const;

/**
 * The browser's word on the network. Only its `online` is believed: a server on this machine needs none. A page that is looked at
 * again tries, too: the device slept, or its person has signed in to a portal in another tab. Where a page is rendered on a server
 * there is nothing to listen to.
 */
export const browserConnectivity: Connectivity = {
  onOnline(listener) {
    const listen = ({ type }: Event) => {
      if (type === "online" || !document.hidden) listener();
    };
    // What happens to the document is heard by the window.
    for (const event of events) globalThis.addEventListener?.(event, listen);
    return () => {
      for (const event of events) globalThis.removeEventListener?.(event, listen);
    };
  },
};
