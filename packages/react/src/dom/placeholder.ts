import { thumbHashToDataURL } from "thumbhash";

/** A blurred picture of a few dozen pixels as a `data:` URL; nothing where there is no thumbhash, or a broken one. */
export function placeholderOf(thumbhash: string | undefined): string | undefined {
  if (!thumbhash) return undefined;
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (character) => character.charCodeAt(0)));
  } catch {
    // It is only a placeholder.
    return undefined;
  }
}
