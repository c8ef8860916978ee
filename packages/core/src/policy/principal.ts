import type { Scope } from "@stowage/protocol";
import type { DelegationBounds } from "../delegation.ts";

/** Who asks. */
export interface Principal {
  /** A person's or a guest's id; of who came by a link, the link's; {@link anonymousId}. */
  readonly id: string;
  /** The organisation that their issuer says they are of, by its id here. */
  readonly organisationId?: string;
  /** What they came with instead of an issuer's token: nothing beyond it is theirs. */
  readonly capability?: Capability;
}

/** A right that Stowage signed itself, as its row says. */
export type Capability = {
  readonly id: string;
  /** From when on it is good for nothing. */
  readonly endsAtMs: number;
} & (
  | { readonly kind: "link"; readonly target: LinkTarget }
  /** Adds to one album, and reads it once that may be read. */
  | { readonly kind: "guest"; readonly albumId: string }
  /** Rights that a person delegated: who comes with them is that person, with no more than these. */
  | {
      readonly kind: "delegation";
      readonly scopes: readonly Scope[];
      readonly bounds: DelegationBounds;
      readonly mintedAtMs: number;
    }
);

/** What a link is to. */
export interface LinkTarget {
  readonly kind: "file" | "album";
  readonly id: string;
}

/** Of nobody: no row has it. */
export const anonymousId = "anonymous";

/** Who asks without any token. */
export const anonymous: Principal = { id: anonymousId };

/**
 * Whether they have a person's own rights, as far as the scopes of their token go: by an issuer's token, or by one that the person minted. One
 * with bounds sends within them, and has no other right.
 */
export const actsAsPerson = ({ capability }: Principal): boolean =>
  !capability || (capability.kind === "delegation" && !hasBounds(capability.bounds));

export const hasBounds = (bounds: DelegationBounds): boolean => Object.keys(bounds).length > 0;
