import { thumbHashToDataURL } from "thumbhash";

/** A blur in a picture's colours, as a `data:` URL; nothing where there is no thumbhash, or a broken one. */
export function blurredPicture(thumbhash: string | undefined): string | undefined {
  if (!thumbhash) return undefined;
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (character) => character.charCodeAt(0)));
  } catch {
    // It is only a stand-in.
    return undefined;
  }
}
