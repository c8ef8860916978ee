import { type Actor, guestIssuer } from "@stowage/core";
import type { CommandContext } from "./context.ts";

/** Who must be an owner to act; `null`: the system, which need not. */
export const personOf = (actor: Actor): string | null =>
  typeof actor === "string" ? null : actor.principalId;

/**
 * A condition of the statement that decides what only an owner of an album may do: they are one now, or act for the system.
 *
 * @param person the parameter that has {@link personOf} the actor
 * @param albumId the parameter or column that has the album's id
 */
export const ownedBy = (person: string, albumId: string): string =>
  `(${person} IS NULL OR EXISTS (SELECT 1 FROM album_members o WHERE o.album_id = ${albumId} AND o.user_id = ${person} AND o.role = 'owner'))`;

/**
 * A condition: an album has an owner beside that person who can act as one. Who does not exist, is a guest or has deleted their account can't, whatever
 * their row says.
 *
 * @param albumId a parameter or column
 * @param person the same
 */
export const hasOtherOwner = (albumId: string, person: string): string =>
  `EXISTS (SELECT 1 FROM album_members o INDEXED BY album_owners CROSS JOIN principals p ON p.id = o.user_id
     WHERE o.album_id = ${albumId} AND o.role = 'owner' AND o.user_id <> ${person} AND p.issuer <> '${guestIssuer}' AND p.deleted_at IS NULL)`;

export const notOwner = { outcome: "not-owner" } as const;

/** For what is told of a statement that changed nothing. */
export const isOwnedBy = ({ connection }: CommandContext, albumId: string, actor: Actor): boolean =>
  connection.get(`SELECT 1 WHERE ${ownedBy("?1", "?2")}`, personOf(actor), albumId) !== undefined;
