import type { AlbumRecord } from "../../album.ts";
import type { Principal } from "../../policy/principal.ts";
import type { AlbumCommand, NotOwner } from "../../ports/album-commands.ts";
import { notFound, type Refusal, RefusedError } from "../../refusal.ts";
import type { ExpectedRevision } from "../at-revision.ts";
import { type AlbumPorts, findAlbum, refuseNoOwner } from "./find-album.ts";

/** How often a command that is meant for the album however it is comes upon another's change, before it is refused. */
const maxTries = 100;

const isMet = (expected: Exclude<ExpectedRevision, undefined>, revision: number): boolean =>
  expected === "any" || (typeof expected === "number" ? expected === revision : expected.includes(revision));

const stale: Refusal = {
  code: "precondition-failed",
  detail: "The album has changed since: get it again and decide anew.",
};

/**
 * Runs a command on an album that the principal owns, if it is as the client believes.
 *
 * @returns what the command answered, where that is neither `stale` nor `missing`
 * @throws RefusedError `not-found`, `forbidden`, `precondition-required`, `precondition-failed`
 */
export async function atAlbumRevision<
  Answer extends { readonly album: AlbumRecord; readonly outcome: string },
>(
  ports: AlbumPorts,
  {
    principal,
    albumId,
    expected,
  }: { readonly principal: Principal; readonly albumId: string; readonly expected: ExpectedRevision },
  run: (
    command: AlbumCommand,
    album: AlbumRecord,
  ) => Promise<Answer | NotOwner | { readonly outcome: "missing" } | { readonly outcome: "stale" }>,
): Promise<Answer> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { album } = await findAlbum(ports, principal, "manage", albumId);
    if (expected === undefined)
      throw new RefusedError({
        code: "precondition-required",
        detail: "Send the album's ETag in If-Match, so that nobody's change is lost.",
      });
    if (!isMet(expected, album.revision)) throw new RefusedError(stale);
    const { revision } = album;
    const result = await run({ albumId, revision, actor: { principalId: principal.id } }, album);
    if (result.outcome === "not-owner") return refuseNoOwner(ports, principal, albumId);
    if (result.outcome === "missing") throw new RefusedError(notFound);
    if (result.outcome !== "stale") return result as Answer;
  }
  throw new RefusedError(stale);
}
