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
