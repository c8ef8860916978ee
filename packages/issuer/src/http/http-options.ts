import type { IncomingMessage } from "node:http";
import type { Issuer } from "../issuer.ts";

/** Who may make an account on the sign-up page: everyone, or those with a link from the operator. */
export type SignUp = "open" | "invited";

/** Something that the operator may want to see in a log. No password, token or link is in it. */
export type IssuerEvent =
  | { readonly type: "signed-in" | "signed-up"; readonly accountId: string; readonly address: string }
  | { readonly type: "sign-in-refused"; readonly reason: "wrong" | "too-many"; readonly address: string }
  /** A refresh token was used after its window: its family has ended. */
  | { readonly type: "refresh-reused"; readonly accountId: string; readonly clientId: string }
  | { readonly type: "error"; readonly error: unknown };

export interface IssuerHttpOptions {
  readonly issuer: Issuer;
  /** The `iss` of tokens: `https://files.example/oidc`. All endpoints are below it. */
  readonly issuerUrl: string;
  /** Origin of the web application, which signs in as `stowage-web`. Default: the issuer's own. */
  readonly webOrigin?: string;
  /**
   * Page of the web application that begins to sign in (OpenID Connect Core 1.0 §4, `initiate_login_uri`), for who comes
   * by a link. Default: `{webOrigin}/session/sign-in`.
   */
  readonly initiateLoginUrl?: string;
  /** The `aud` of access tokens. Default: `webOrigin`. */
  readonly audience?: string;
  /** Default: `invited`. */
  readonly signUp?: SignUp;
  /**
   * CSS that the pages use instead of their own: custom properties (`:root { --color-ink: … }`) and `@font-face` rules
   * with fonts of the issuer's origin. Default: none.
   */
  readonly theme?: string;
  /** The client's address, for rate limits. Default: the connection's. */
  readonly clientAddress?: (request: IncomingMessage) => string;
  /** How long a request's body may take to come. Default: 15,000. */
  readonly bodyTimeoutMs?: number;
  /** Told at once, and never waited for. Default: nobody. */
  readonly onEvent?: (event: IssuerEvent) => void;
}
