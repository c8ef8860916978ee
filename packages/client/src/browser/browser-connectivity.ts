import type { Connectivity } from "../ports.ts";

/**
 * The browser's word on the network. Only its `online` is believed: a server on this machine needs none. Where a page is
 * rendered on a server there is nothing to listen to.
 */
export const browserConnectivity: Connectivity = {
  onOnline(listener) {
    globalThis.addEventListener?.("online", listener);
    return () => globalThis.removeEventListener?.("online", listener);
  },
};
