import type { KeptPictures } from "@stowage/react/picture";

export interface LentKept {
  /** Of one's own files. */
  readonly own: KeptPictures;
  /** Of others': asked after for as long as they are on the screen, since their owners may take them back. */
  readonly others: KeptPictures;
  lend(kept: KeptPictures): void;
}

/** Kept pictures that components have from the first moment on; what keeps them is loaded after the first screen. */
export function createLentKept(): LentKept {
  let lend: (kept: KeptPictures) => void = () => undefined;
  const lent = new Promise<KeptPictures>((resolve) => {
    lend = resolve;
  });
  const others: KeptPictures = {
    cached: async (...asked) => (await lent).cached(...asked),
    onGone(listener, ids) {
      let isOver = false;
      let stop: (() => void) | undefined;
      void lent.then((kept) => {
        if (!isOver) stop = kept.onGone(listener, ids);
      });
      return () => {
        isOver = true;
        stop?.();
      };
    },
    seen: (...picture) => void lent.then((kept) => kept.seen?.(...picture)),
  };
  return { lend, others, own: { ...others, onGone: (listener) => others.onGone(listener) } };
}
