import * as client from "openid-client";
import { expiresInSecondsOf } from "./access-token-life.ts";
import { IssuerFailure, issuerFailureOf } from "./issuer-failure.ts";

/** How requests reach the issuer; redirects are not followed. */
export type IssuerFetch = client.CustomFetch;

/** What one code or refresh token was exchanged for. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  /** The next one to use. Absent where the issuer gave none: then the last one stays good. */
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** Of the ID token, whose signature, issuer, audience, nonce and times were checked. */
  readonly account?: IssuedAccount;
}

/** A sign-in that brings no account or no refresh token is none. */
export type SignInTokens = IssuedTokens & Required<Pick<IssuedTokens, "account" | "refreshToken">>;

export interface IssuedAccount {
  readonly subject: string;
  readonly email?: string;
  readonly name?: string;
}

/** What one sign-in must bring back. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Everything that this package asks of an issuer. Each throws {@link IssuerFailure}. */
export interface IssuerClient {
  authorizationUrl(secrets: SignInSecrets, options: { readonly create: boolean }): Promise<string>;
  /** @param query of the callback, as it came */
  exchangeCode(query: URLSearchParams, secrets: SignInSecrets): Promise<SignInTokens>;
  refresh(refreshToken: string): Promise<IssuedTokens>;
  /** RFC 7009; nothing where the issuer has no such endpoint. */
  revoke(refreshToken: string): Promise<void>;
  /** OpenID Connect RP-Initiated Logout 1.0; `undefined` where the issuer has no such endpoint. */
  endSessionUrl(idToken: string | undefined): Promise<string | undefined>;
}

export interface IssuerClientOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly scope: string;
  readonly resource?: string;
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  readonly fetch?: IssuerFetch;
  readonly timeoutSeconds: number;
  readonly nowMs: () => number;
}

/** After so long the issuer's metadata is read again; the old one serves meanwhile, and while that fails. */
const metadataLifetimeMs = 3_600_000;

/** As clocks of two machines differ that are set by themselves. */
const clockToleranceSeconds = 60;

export function createIssuerClient(o: IssuerClientOptions): IssuerClient {
  const configuration = discoverLate(o);
  const resource = o.resource === undefined ? {} : { resource: o.resource };

  return {
    async authorizationUrl({ state, nonce, codeVerifier }, { create }) {
      const config = await configuration();
      // Unknown prompts are an error (OpenID Connect Core 1.0 section 3.1.2.1): only where it is said to be known.
      const prompts = config.serverMetadata().prompt_values_supported;
      const canCreate = Array.isArray(prompts) && prompts.includes("create");
      const parameters = {
        ...o.authorizationParameters,
        ...(create && canCreate ? { prompt: "create" } : {}),
        ...resource,
        response_type: "code",
        client_id: o.clientId,
        redirect_uri: o.redirectUri,
        scope: o.scope,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
      };
      try {
        return client.buildAuthorizationUrl(config, parameters).href;
      } catch (error) {
        throw issuerFailureOf(error, "starting a sign-in");
      }
    },

    async exchangeCode(query, { state, nonce, codeVerifier }) {
      const config = await configuration();
      const tokens = await client
        .authorizationCodeGrant(
          config,
          new URL(`${o.redirectUri}?${query}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            idTokenExpected: true,
          },
          resource,
        )
        .catch(fail("exchanging the code"));
      const { account, refreshToken, ...issued } = issuedTokens(tokens, o.nowMs());
      if (account === undefined) throw new IssuerFailure("not-believed", "The issuer gave no ID token.");
      if (refreshToken === undefined)
        throw new IssuerFailure(
          "misconfigured",
          `The issuer gave no refresh token for the scope "${o.scope}": it may want another scope or parameter for it.`,
        );
      const isKnown = account.email !== undefined || account.name !== undefined;
      return {
        ...issued,
        refreshToken,
        account: isKnown ? account : await askWho(config, tokens.access_token, account),
      };
    },

    async refresh(refreshToken) {
      const tokens = await client
        .refreshTokenGrant(await configuration(), refreshToken, resource)
        .catch(fail("refreshing"));
      return issuedTokens(tokens, o.nowMs());
    },

    async revoke(refreshToken) {
      const config = await configuration();
      if (config.serverMetadata().revocation_endpoint === undefined) return;
      await client
        .tokenRevocation(config, refreshToken, { token_type_hint: "refresh_token" })
        .catch(fail("revoking"));
    },

    async endSessionUrl(idToken) {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      return client.buildEndSessionUrl(config, {
        post_logout_redirect_uri: o.postLogoutRedirectUri,
        // Amazon Cognito's name for it; others pass over what they don't know.
        logout_uri: o.postLogoutRedirectUri,
        ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      }).href;
    },
  };
}

const fail =
  (doing: string) =>
  (error: unknown): never => {
    throw issuerFailureOf(error, doing);
  };

/**
 * OpenID Connect Discovery 1.0, at the first need and once for all who need it at the same time. What failed is tried
 * again by the next who needs it.
 */
function discoverLate(o: IssuerClientOptions): () => Promise<client.Configuration> {
  let known: { readonly config: client.Configuration; readonly readAtMs: number } | undefined;
  let pending: Promise<client.Configuration> | undefined;
  const discover = async () => {
    try {
      const config = await client.discovery(
        new URL(o.issuer),
        o.clientId,
        { [client.clockTolerance]: clockToleranceSeconds },
        authenticationOf(o.clientSecret),
        {
          execute: [
            // The signature of ID tokens is checked too, though they come straight from the issuer.
            client.enableNonRepudiationChecks,
            // Only where the issuer itself is configured with http.
            ...(new URL(o.issuer).protocol === "http:" ? [client.allowInsecureRequests] : []),
          ],
          timeout: o.timeoutSeconds,
          ...(o.fetch === undefined ? {} : { [client.customFetch]: o.fetch }),
        },
      );
      known = { config, readAtMs: o.nowMs() };
      return config;
    } catch (error) {
      throw issuerFailureOf(error, "reading the issuer's metadata");
    } finally {
      pending = undefined;
    }
  };
  return async () => {
    if (known && o.nowMs() - known.readAtMs < metadataLifetimeMs) return known.config;
    pending ??= discover();
    if (known === undefined) return pending;
    const { config } = known;
    return pending.catch(() => config);
  };
}

/** OpenID Connect Core 1.0 section 9: `client_secret_basic` where the issuer does not say what it takes. */
function authenticationOf(clientSecret: string | undefined): client.ClientAuth {
  if (clientSecret === undefined) return client.None();
  const basic = client.ClientSecretBasic(clientSecret);
  const post = client.ClientSecretPost(clientSecret);
  return (issuer, ...request) => {
    const methods = issuer.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    (methods.includes("client_secret_basic") ? basic : post)(issuer, ...request);
  };
}

/** Many issuers tell e-mail and name at the UserInfo endpoint only. Not knowing them keeps nobody out. */
async function askWho(
  config: client.Configuration,
  accessToken: string,
  account: IssuedAccount,
): Promise<IssuedAccount> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return account;
  try {
    return accountOf(await client.fetchUserInfo(config, accessToken, account.subject));
  } catch (error) {
    issuerFailureOf(error, "asking who it is");
    return account;
  }
}

function issuedTokens(
  tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  nowMs: number,
): IssuedTokens {
  const claims = tokens.claims();
  return {
    accessToken: tokens.access_token,
    expiresInSeconds: tokens.expires_in ?? expiresInSecondsOf(tokens.access_token, nowMs),
    ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
    ...(tokens.id_token === undefined ? {} : { idToken: tokens.id_token }),
    ...(claims === undefined ? {} : { account: accountOf(claims) }),
  };
}

/** Bounds what goes into a cookie: RFC 5321 section 4.5.3.1.3 for the address; a name that is longer is cut. */
function accountOf({ sub, email, name }: client.IDToken | client.UserInfoResponse): IssuedAccount {
  return {
    subject: sub,
    ...(typeof email === "string" && email !== "" && email.length <= 254 ? { email } : {}),
    ...(typeof name === "string" && name !== "" ? { name: [...name].slice(0, 100).join("") } : {}),
  };
}
