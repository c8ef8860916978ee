import type { Contact } from "../files-cache/contact.ts";

/** A page's word on the network and on whether it is looked at; a worker, which shows nothing, is never looked at. */
export const browserContact: Contact = {
  isOnline: () => navigator.onLine,
  isVisible: () => globalThis.document?.visibilityState === "visible",
  onContact(listener) {
    const onShown = () => {
      if (browserContact.isVisible()) listener();
    };
    addEventListener("online", listener);
    // A page that comes back from the back-forward cache is as it was when it was left.
    addEventListener("pageshow", onShown);
    globalThis.document?.addEventListener("visibilitychange", onShown);
    return () => {
      removeEventListener("online", listener);
      removeEventListener("pageshow", onShown);
      globalThis.document?.removeEventListener("visibilitychange", onShown);
    };
  },
};
