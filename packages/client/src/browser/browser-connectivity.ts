import type { Connectivity } from "../ports.ts";

/** The browser's word on the network. Only its `online` is believed: a server on this machine needs none. */
export const browserConnectivity: Connectivity = {
  onOnline(listener) {
    addEventListener("online", listener);
    return () => removeEventListener("online", listener);
  },
};
