import type { Scope } from "@stowage/protocol";
import type { Actor } from "../audit-event.ts";
import type { Capability } from "../policy/principal.ts";

/** The `issuer` of the rows of guests, whose `subject` is their id. */
export const guestIssuer = "urn:stowage:guests";

/** A right that is about to be given out; its token names its id. */
export type NewCapability = {
  /** Of nothing else: the token's `jti`. */
  readonly id: string;
  /** What its token may be used for, within what it is to. */
  readonly scopes: readonly Scope[];
  /** From when on it is good for nothing; a guest's, where its album is not to be revealed later: {@link endOfRightMs}. */
  readonly endsAtMs: number;
} & (
  | { readonly kind: "link"; readonly linkId: string }
  /** `principalId`: of the guest's row. */
  | { readonly kind: "guest"; readonly principalId: string; readonly albumId: string }
);

/** Who comes with a capability that is good for something now. */
export interface CapabilityHolder {
  /** Of a guest or a person, their row's id; of who came by a link, the link's. */
  readonly principalId: string;
  /** Of a person, by a token that they minted. */
  readonly organisationId?: string;
  readonly scopes: readonly Scope[];
  readonly capability: Capability;
}

/** Rows about rights that Stowage signs itself. What a command of another kind gives out with something else, it writes itself. */
export interface CapabilityCommands {
  /** Gives a guest a right. (One of a link is made by opening it.) Audit `capability.minted` of the guest. */
  mintCapability(command: Extract<NewCapability, { readonly kind: "guest" }>): Promise<void>;
  /**
   * Looked at in every request that comes with a token, so that what was taken back is so at once. `undefined` alike for what never was, has
   * ended or was taken back, and for that of a link which has ended or is no more. Ends with the first of the two. One that a person minted (`DelegationCommands`) is found here, too, unless they have left
   * the organisation that they were of when they minted it, or the album that it is bound to.
   */
  findCapability(id: string): Promise<CapabilityHolder | undefined>;
  /** Takes all back that a guest has; answers how many there were. Audit `capability.revoked` of the guest, where there was one. */
  revokeCapabilities(command: { readonly principalId: string; readonly actor: Actor }): Promise<number>;
  /** For the sweeper: deletes at most `limit` of those that have ended; answers how many. No audit. */
  forgetEndedCapabilities(limit: number): Promise<number>;
}
