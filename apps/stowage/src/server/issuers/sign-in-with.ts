import { personScopes, scopes } from "@stowage/protocol/scope";
import type { Configuration } from "../settings.ts";
import type { ConfiguredIssuer } from "./configured-issuer.ts";
import { embeddedIssuerUrl } from "./embedded-issuer-url.ts";

/** With which issuer, as which client, and asking for what somebody signs in. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  /** Of the web client only, where its provider gave it one. */
  readonly clientSecret?: string;
  /** Of the command line only, where the provider must know the port. */
  readonly redirectUri?: string;
  /** Scopes parted by spaces. */
  readonly scope: string;
  /** Resource indicator (RFC 8707). */
  readonly resource?: string;
  /** Further parameters of the authorization request. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
}

/** What every OpenID provider is asked for: who it is, and a refresh token. */
const identityScopes = ["openid", "profile", "email", "offline_access"];

/** For albums, beside what people sign in with anywhere. Another provider is asked for it only where its configured `scope` says so: one that does not know it would refuse every sign-in. */
const albumScope = "albums:write";

/**
 * How the web page (`web`) or `stowage login` (`cli`) signs in: with the first of the configured issuers that has a
 * client for it, else with the built-in one. `undefined` where there is neither, and then nobody can.
 */
export function signInWith(
  configuration: Pick<Configuration, "issuers" | "issuer.enabled">,
  publicUrl: string,
  from: "web" | "cli",
): SignIn | undefined {
  for (const configured of configuration.issuers) {
    const clientId = from === "web" ? configured.webClientId : configured.cliClientId;
    if (clientId === undefined) continue;
    const { issuer, resource, authorizationParameters, webClientSecret, cliRedirectUri } = configured;
    return {
      issuer,
      clientId,
      scope: configured.scope ?? scopeFor(configured),
      ...(from === "web" && webClientSecret !== undefined && { clientSecret: webClientSecret }),
      ...(from === "cli" && cliRedirectUri !== undefined && { redirectUri: cliRedirectUri }),
      ...(resource !== undefined && { resource }),
      ...(authorizationParameters !== undefined && { authorizationParameters }),
    };
  }
  if (!configuration["issuer.enabled"]) return undefined;
  return {
    issuer: embeddedIssuerUrl(publicUrl),
    clientId: from === "web" ? "stowage-web" : "stowage-cli",
    // The page asks for no more than it needs; the command line for all, and the issuer gives an operator's to operators.
    scope: [...identityScopes, ...(from === "web" ? [...personScopes, albumScope] : scopes)].join(" "),
  };
}

/** What a token has anyway needs no asking: the provider may never have heard of it. */
function scopeFor({ scopePrefix = "", grantedScopes = [] }: ConfiguredIssuer): string {
  const asked = personScopes.filter((scope) => !grantedScopes.includes(scope));
  return [...identityScopes, ...asked.map((scope) => `${scopePrefix}${scope}`)].join(" ");
}
