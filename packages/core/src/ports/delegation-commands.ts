import type { Scope } from "@stowage/protocol";
import type { Actor } from "../audit-event.ts";
import type { DelegationBounds, DelegationRecord } from "../delegation.ts";
import type { IdempotencyKey } from "./idempotency-commands.ts";
import type { IssuerSubject } from "./issuer-accounts.ts";
import type { ListPosition } from "./metadata-store.ts";

export interface MintDelegation {
  /** Of nothing else: the token's `jti`. */
  readonly id: string;
  readonly personId: string;
  /** When the token was issued that they mint it by: one that they ended meanwhile gives out nothing. */
  readonly byTokenOfMs: number;
  readonly scopes: readonly Scope[];
  readonly bounds: DelegationBounds;
  readonly lifetimeMs: number;
  /** How many that have not ended they may have with this one. */
  readonly maxPerPerson: number;
  /** Default: each request mints one. */
  readonly idempotency?: IdempotencyKey;
}

/**
 * Rows about rights that people gave to programs. All of a person's are gone with `signOutEverywhere` and `deleteAccount`, those that are bound to an album
 * once they leave that; `findCapability` finds none of them then. Counted in by `createUploads`: what fails or is aborted afterwards is not given back.
 */
export interface DelegationCommands {
  /** Audit `capability.minted`, by and of the person; in its detail `tokenId`, `scopes`, `endsAt`, and of the bounds all but the metadata. */
  mintDelegation(command: MintDelegation): Promise<
    | { readonly outcome: "minted"; readonly delegation: DelegationRecord }
    | { readonly outcome: "too-many" }
    /** Minted by the same request before; absent: and gone since. */
    | { readonly outcome: "repeat"; readonly delegation?: DelegationRecord }
    | { readonly outcome: "key-reused" }
    /** They have signed out everywhere since that token was issued, deleted their account, or may not add to that album (any more). */
    | { readonly outcome: "missing" }
  >;
  /** Newest first, those alone that have not ended; at most 201. */
  listDelegations(list: {
    readonly personId: string;
    readonly after?: ListPosition;
    readonly limit: number;
  }): Promise<readonly DelegationRecord[]>;
  /** Takes one back; false: this person has none of that id (any more). Audit `capability.revoked`, by and of the person; in its detail `tokenId`. */
  revokeDelegation(command: { readonly id: string; readonly personId: string }): Promise<boolean>;
  /**
   * Takes back all that a person delegated, or everybody; answers how many there were. Audit `capability.revoked` of the person, or of `everybody`,
   * where there was one.
   */
  revokeDelegations(command: {
    readonly of: IssuerSubject | "everybody";
    readonly actor: Actor;
  }): Promise<number>;
  /** For the sweeper: deletes at most `limit` of those that have ended; answers how many. No audit. */
  forgetEndedDelegations(limit: number): Promise<number>;
}
