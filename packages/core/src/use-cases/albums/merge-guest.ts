import { quotaBytesOf } from "../../limits.ts";
import type { Principal } from "../../policy/principal.ts";
import { notFound, RefusedError } from "../../refusal.ts";
import type { ServicePorts } from "../ports.ts";
import { type AlbumPorts, findAlbum, type VisibleAlbum } from "./find-album.ts";

/**
 * Has a person who was a guest of an album before take over what they had as one: files and uploads, which count in the person's quota from then
 * on, membership and shots. The guest ends. Said again by the same person it is done. What is sealed stays so.
 *
 * @param rightId of the guest's right, from their token
 * @throws RefusedError `not-found` alike for what is no guest's right, or none any more, and what another took over; `forbidden` to who is a guest or
 *   came by a link, and to whom an owner put out of the album, who may ask to be let in again; `quota-exceeded`
 */
export async function mergeGuest(
  ports: AlbumPorts & Pick<ServicePorts, "limits">,
  principal: Principal,
  rightId: string,
): Promise<VisibleAlbum> {
  if (principal.capability)
    throw new RefusedError({
      code: "forbidden",
      detail: "Sign in with an account, to take over what you sent.",
    });
  const { limits, metadata } = ports;
  const result = await metadata.mergeGuest({
    rightId,
    userId: principal.id,
    quotaBytes: quotaBytesOf(limits, principal),
    quotaFiles: limits.quotaFiles,
    organisationQuotaBytes: limits.organisationQuotaBytes,
    organisationQuotaFiles: limits.organisationQuotaFiles,
  });
  switch (result.outcome) {
    case "merged":
    case "already":
      return findAlbum(ports, principal, "see", result.albumId);
    case "quota-exceeded":
      throw new RefusedError({
        code: "quota-exceeded",
        member: "guestToken",
        detail: "There is not enough room in your quota for what you sent as a guest.",
      });
    case "put-out":
      throw new RefusedError({
        code: "forbidden",
        detail:
          "An owner took you out of this album: once they let your account in again, you can take over what you sent.",
      });
    case "missing":
      throw new RefusedError(notFound);
  }
}
