import type { FileAudience, FileRecord } from "../file.ts";

/** The audience of one person. */
export const personAudience = (principalId: string): string => `u:${principalId}`;
/** The audience of an album's members, guests and links. */
export const albumAudience = (albumId: string): string => `a:${albumId}`;
/** The albums among audiences, in their order. */
export const albumIdsIn = (audiences: readonly string[]): string[] =>
  audiences.flatMap((audience) =>
    audience.startsWith(albumAudience("")) ? [audience.slice(albumAudience("").length)] : [],
  );
/** The audience of an organisation's people. */
export const organisationAudience = (organisationId: string): string => `o:${organisationId}`;
/** Everyone. */
export const publicAudience = "p";

/** The audience that a file's owner shows it to. */
export const shownAudience = (audience: FileAudience): string =>
  audience.kind === "public" ? publicAudience : organisationAudience(audience.organisationId);

/** The audience of a key that {@link shownAudience} made. */
export const audienceOf = (shown: string): FileAudience =>
  shown === publicAudience
    ? { kind: "public" }
    : { kind: "organisation", organisationId: shown.slice(organisationAudience("").length) };

/**
 * The predicate (`decideFileAccess`) as lists have it: who beside its owner finds a file in a list of theirs. Each is a key of the one index
 * that such lists go by. What is not ready is in none.
 *
 * @param userIds to whom it is granted, whether or not a grant has an end: a page is decided once more when it is read
 * @param albumIds in which it is
 */
export const audiencesOf = (
  { state, audience }: Pick<FileRecord, "state" | "audience">,
  userIds: readonly string[],
  albumIds: readonly string[],
): string[] =>
  state === "ready"
    ? [
        ...userIds.map(personAudience),
        ...albumIds.map(albumAudience),
        ...(audience ? [shownAudience(audience)] : []),
      ]
    : [];
