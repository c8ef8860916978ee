/** The derivative that is what others than the owner get of a version's bytes; no profile has one of that name. */
export const renditionName = "rendition";

/** Raised where a stripper leaves out more than before: what was made until then is made anew when it is asked for. */
export const renditionMadeAs = "stripped-1";
