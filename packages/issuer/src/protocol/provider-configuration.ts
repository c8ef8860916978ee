import type {
  Configuration,
  KoaContextWithOIDC,
  errors as ProviderErrors,
  ResourceServer,
} from "oidc-provider";
import { accessTokenClaims, idTokenClaims } from "../account-claims.ts";
import type { IssuerPorts } from "../issuer-ports.ts";
import { accessTokenScopes, scopesOf } from "../scopes.ts";
import { clientsOf, webClientId } from "./clients.ts";
import type { cookieConfiguration } from "./cookies.ts";
import type { createPolicy } from "./interaction-policy.ts";
import { willAsk } from "./interaction-policy.ts";
import type { createProtocolRecords } from "./protocol-records.ts";

const minute = 60;
const day = 24 * 3600;

/** Lives in seconds. */
export const lifetimes = {
  accessToken: 10 * minute,
  authorizationCode: minute,
  /** Of each refresh token and of the browser's session: renewed by every use. */
  signedIn: 30 * day,
  /** However often it is renewed. */
  grant: 365 * day,
  /** From opening the sign-in page to its last click. */
  interaction: 60 * minute,
  signedOutSession: 60 * minute,
} as const;

export interface ProviderSettings {
  readonly webOrigin: string;
  readonly audience: string;
  readonly cookies: ReturnType<typeof cookieConfiguration>;
  readonly renderError: NonNullable<Configuration["renderError"]>;
  readonly logoutSource: (ctx: KoaContextWithOIDC, form: string) => Promise<void> | void;
  readonly postLogoutSuccessSource: (ctx: KoaContextWithOIDC) => Promise<void> | void;
  readonly interactionUrl: (uid: string) => string;
}

/** How the library of the protocol is set up: whatever it can do besides is switched off. */
export function providerConfiguration(
  ports: IssuerPorts,
  settings: ProviderSettings,
  library: {
    readonly errors: typeof ProviderErrors;
    readonly policy: ReturnType<typeof createPolicy>;
    readonly adapter: ReturnType<typeof createProtocolRecords>;
  },
): Configuration {
  const { store, keys } = ports;
  const { InvalidRequest, InvalidTarget } = library.errors;

  const resourceServer = (scopes: readonly string[]): ResourceServer => ({
    scope: scopes.join(" "),
    audience: settings.audience,
    accessTokenFormat: "jwt",
    accessTokenTTL: lifetimes.accessToken,
    jwt: { sign: { alg: "RS256" } },
  });

  return {
    adapter: library.adapter,
    clients: clientsOf(settings.webOrigin),
    cookies: settings.cookies,
    jwks: { keys: keys.privateKeys },
    routes: {
      authorization: "/auth",
      token: "/token",
      jwks: "/jwks",
      revocation: "/revocation",
      end_session: "/end-session",
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      // Access tokens are the API's; what it would tell is in the ID token.
      userinfo: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: settings.logoutSource,
        postLogoutSuccessSource: settings.postLogoutSuccessSource,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => settings.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => {
          if (resource !== settings.audience) throw new InvalidTarget();
          // At the token endpoint: by what the account may have now, whatever was granted a month ago.
          const accountId = ctx.oidc.entities.Account?.accountId;
          const stored = accountId === undefined ? undefined : store.findById(accountId);
          return resourceServer(stored ? scopesOf(stored.account) : accessTokenScopes);
        },
      },
    },
    responseTypes: ["code"],
    allowOmittingSingleRegisteredRedirectUri: false,
    scopes: ["openid", "email", "profile", "offline_access"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    clientAuthMethods: ["none"],
    clientBasedCORS: () => false,
    enabledJWA: { idTokenSigningAlgValues: ["RS256"] },
    pkce: { required: () => true },
    extraParams: {
      nonce: (_ctx, nonce, client) => {
        if (client.clientId === webClientId && !nonce) throw new InvalidRequest("nonce is required");
      },
      // The library drops `offline_access` where no page of consents is shown. "Other conditions" (OpenID Connect Core
      // 1.0 §11) permit it here: both clients are ours.
      scope: (ctx, scope = "") => {
        if (ctx.oidc.params && wantsOffline(ctx) && !scope.split(" ").includes("offline_access"))
          ctx.oidc.params.scope = `${scope} offline_access`.trim();
      },
    },
    interactions: { policy: library.policy, url: (_ctx, { uid }) => settings.interactionUrl(uid) },
    findAccount: (_ctx, accountId) => {
      const stored = store.findById(accountId);
      return stored && { accountId, claims: () => ({ sub: accountId, ...idTokenClaims(stored) }) };
    },
    // A grant for each sign-in, never shared: ending one machine's leaves the others alone.
    loadExistingGrant: async (ctx) => {
      const { account, client, requestParamScopes, requestParamOIDCScopes, provider } = ctx.oidc;
      const stored = account && store.findById(account.accountId);
      if (!stored || !client || willAsk(ctx)) return undefined;
      const grant = new provider.Grant({ accountId: stored.account.id, clientId: client.clientId });
      grant.addOIDCScope([...requestParamOIDCScopes].join(" "));
      const scopes = scopesOf(stored.account).filter((name) => requestParamScopes.has(name));
      grant.addResourceScope(settings.audience, scopes.join(" "));
      await grant.save();
      return grant;
    },
    extraTokenClaims: (_ctx, token) => {
      const stored = "accountId" in token ? store.findById(token.accountId) : undefined;
      return stored && accessTokenClaims(stored);
    },
    rotateRefreshToken: () => true,
    renderError: settings.renderError,
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: lifetimes.authorizationCode,
      IdToken: lifetimes.accessToken,
      Interaction: lifetimes.interaction,
      Grant: lifetimes.grant,
      RefreshToken: lifetimes.signedIn,
      Session: (_ctx, session) =>
        session.accountId === undefined ? lifetimes.signedOutSession : lifetimes.signedIn,
    },
  };
}

const wantsOffline = (ctx: KoaContextWithOIDC): boolean => {
  const { scope } = ctx.query;
  return typeof scope === "string" && scope.split(" ").includes("offline_access");
};
