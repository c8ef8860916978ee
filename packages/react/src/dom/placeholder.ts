import { thumbHashToRGBA } from "thumbhash";
import { bitmapUrl } from "./bitmap-url.ts";

/** A blurred picture of a few dozen pixels as a `data:` URL; nothing where there is no thumbhash, or a broken one. */
export function placeholderOf(thumbhash: string | undefined): string | undefined {
  if (!thumbhash) return undefined;
  try {
    const hash = Uint8Array.from(atob(thumbhash), (character) => character.charCodeAt(0));
    const { w, h, rgba } = thumbHashToRGBA(hash);
    return bitmapUrl(w, h, rgba);
  } catch {
    // It is only a placeholder.
    return undefined;
  }
}
