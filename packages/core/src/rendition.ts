import type { Rendition } from "./file.ts";

/** The derivative that is what others than the owner get of a version's bytes; no profile has one of that name. */
export const renditionName = "rendition";

/**
 * Of the strippers that an inspector has, the version that is good enough; theirs is told with what they say
 * ({@link Rendition.version}). Raised with theirs, where one leaves out more than before: what was said until then counts as unknown, and
 * is worked out anew when somebody asks for it.
 */
export const stripperVersion = 6;

/** As what a rendition is made: what older strippers made is not given out. */
export const renditionMadeAs = `stripped-${stripperVersion}`;

/** As what it is ordered where nobody asks for its bytes: it is worked out what they would be, and nothing is stored. */
export const renditionPlannedAs = `planned-${stripperVersion}`;

/** What others get of a version, where strippers that are good enough have looked. */
export const knownRendition = ({ rendition }: { readonly rendition?: Rendition }): Rendition | undefined =>
  rendition && (rendition.version ?? 1) >= stripperVersion ? rendition : undefined;
