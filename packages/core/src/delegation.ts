import type { Scope } from "@stowage/protocol";
import type { Metadata } from "./upload.ts";

/** What may be sent by a token that has bounds, which are to sending alone. */
export interface DelegationBounds {
  /** Every file is sent by it. */
  readonly profile?: string;
  /** Every file is sent to it. */
  readonly albumId?: string;
  /** Every file has these pairs, besides its own. */
  readonly metadata?: Metadata;
  /** Uploads that may be created in all; what fails or is aborted counts too. */
  readonly maxFiles?: number;
  /** The sum of their declared sizes. */
  readonly maxBytes?: number;
}

/** Rights of their own that a person gave to a program, which has a token for them. */
export interface DelegationRecord {
  /** Of nothing else: the token's `jti`. */
  readonly id: string;
  readonly personId: string;
  readonly scopes: readonly Scope[];
  readonly bounds: DelegationBounds;
  readonly createdAtMs: number;
  /** From when on it is good for nothing. */
  readonly endsAtMs: number;
  /** Uploads that were created by it. */
  readonly sentFiles: number;
  /** Their declared sizes. */
  readonly sentBytes: number;
}

/** Those of one person that have not ended. */
export const maxDelegationsPerPerson = 100;

/** What is to be known of it in the audit: not the metadata, which may have names in it. */
export const auditedOfDelegation = ({
  id: tokenId,
  scopes,
  bounds,
  endsAtMs,
}: Pick<DelegationRecord, "id" | "scopes" | "bounds" | "endsAtMs">): string => {
  const { metadata: _, ...told } = bounds;
  return JSON.stringify({ tokenId, scopes, endsAt: new Date(endsAtMs).toISOString(), ...told });
};
