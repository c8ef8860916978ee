import type { Album } from "@stowage/client";
import { Aperture } from "lucide-react";
import { momentWords, photosWords, untilWords } from "./reveal-words.ts";

/** In the pictures' place while an album is sealed: how many there are and when they are shown, and nothing else of them. */
export function SealedPanel({ album }: { readonly album: Album }) {
  const { revealAt } = album;
  return (
    <section className="sealed" aria-label="Sealed">
      <Aperture aria-hidden="true" />
      <p className="sealed-count">{photosWords(album.count)}</p>
      {revealAt !== undefined && (
        <>
          <p>
            Sealed until <time dateTime={revealAt}>{momentWords(revealAt)}</time>
          </p>
          <p className="small-print">
            Everybody sees all of them {untilWords(revealAt, Date.now())}; until then nobody sees any, whoever
            took them.
          </p>
        </>
      )}
    </section>
  );
}
