import type { Identity } from "../principal.ts";

/** Who a person is to an issuer. */
export type IssuerSubject = Pick<Identity, "issuer" | "subject">;

/** The accounts of an issuer that Stowage runs itself. Of people of other issuers it knows nothing, and does nothing. */
export interface IssuerAccounts {
  /** The issuer's URL (`iss`). */
  readonly issuer: string;
  /** Ends all sessions and refresh tokens of a person's. */
  endSignIns(subject: IssuerSubject): Promise<void>;
  /** Deletes their account, with all that they are signed in by; none is left where there was none. */
  remove(subject: IssuerSubject): Promise<void>;
}
