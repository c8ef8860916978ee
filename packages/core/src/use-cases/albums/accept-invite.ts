import type { Scope } from "@stowage/protocol";
import { guestLifeMs } from "../../album.ts";
import type { Capability, Principal } from "../../policy/principal.ts";
import { notFound, type Refusal, RefusedError } from "../../refusal.ts";
import type { ServicePorts } from "../ports.ts";
import { longestSealMs } from "./create-album.ts";
import { type AlbumPorts, findAlbum, type VisibleAlbum } from "./find-album.ts";

/** What a guest's token may be used for, within one album. */
const guestScopes: readonly Scope[] = ["files:read", "uploads:write"];

const putOut: Refusal = {
  code: "forbidden",
  detail: "An owner took you out of this album: they let you in again, and no invite does.",
};

/** Somebody who has come in. */
export interface AcceptedInvite extends VisibleAlbum {
  /** Of who has no account: who they are now, and the right that their token is to name. */
  readonly guest?: {
    readonly id: string;
    readonly name: string;
    readonly right: { readonly id: string; readonly endsAtMs: number };
    /** No token for it need live longer, whenever the album comes to be revealed. When it ends its row says. */
    readonly tokenEndsAtMs: number;
  };
}

/**
 * Makes a member of whoever has an invite's token: a person, or, where nobody is signed in, a guest of that name, who may add to this album
 * and read it once that may be read.
 *
 * @param tokenHash SHA-256 in lower-case hex
 * @throws RefusedError `not-found` alike for a token that is no invite's, one that has ended, was taken back or used up, and where the
 *   album is full; `forbidden` to who came by a link or is a guest, and to whom an owner put out; `validation-failed` for a guest without a name
 */
export async function acceptAlbumInvite(
  ports: AlbumPorts & Pick<ServicePorts, "ids">,
  principal: Principal | undefined,
  { tokenHash, name }: { readonly tokenHash: string; readonly name?: string | undefined },
): Promise<AcceptedInvite> {
  const { metadata, ids } = ports;
  if (principal?.capability)
    throw new RefusedError({
      code: "forbidden",
      detail: "Sign in with an account, or come without a token.",
    });
  if (principal) {
    const person = await metadata.findPrincipal(principal.id);
    const called = name ?? person?.name;
    const as = {
      kind: "person",
      userId: principal.id,
      ...(called === undefined ? {} : { name: called }),
    } as const;
    const result = await metadata.acceptAlbumInvite({ tokenHash, as });
    if (result.outcome === "missing") throw new RefusedError(notFound);
    if (result.outcome === "put-out") throw new RefusedError(putOut);
    return findAlbum(ports, principal, "see", result.album.id);
  }
  if (name === undefined)
    throw new RefusedError({
      code: "validation-failed",
      member: "name",
      detail: "A guest says what they are called: 1 to 100 characters.",
    });
  const [id, rightId] = [ids.newId(), ids.newId()];
  const right = { id: rightId, scopes: guestScopes };
  const as = { kind: "guest", newId: id, name, right } as const;
  const result = await metadata.acceptAlbumInvite({ tokenHash, as });
  if (result.outcome === "missing" || result.outcome === "put-out" || result.endsAtMs === undefined)
    throw new RefusedError(notFound);
  const { endsAtMs, album } = result;
  const capability: Capability = { kind: "guest", id: rightId, albumId: album.id, endsAtMs };
  const seen = await findAlbum(ports, { id, capability }, "see", album.id);
  const lastRevealMs = album.revealAtMs === undefined ? 0 : ports.clock.nowMs() + longestSealMs + guestLifeMs;
  const tokenEndsAtMs = Math.max(endsAtMs, lastRevealMs);
  return { ...seen, guest: { id, name, right: { id: rightId, endsAtMs }, tokenEndsAtMs } };
}
