import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { type Configuration } from "oidc-provider";
import type { Claims } from "./forge-token.ts";

/** Somebody with an account at the other provider. */
export interface OtherPerson {
  readonly subject: string;
  readonly mail: string;
  readonly displayname: string;
}

/**
 * A real OpenID provider that does nearly all otherwise than the built-in one: its URL has a path; ES256; access tokens
 * are of type `JWT`, have no `aud` but `client_id` and `token_use`, as Amazon Cognito's, and scopes with a prefix; e-mail
 * and name are in its userinfo alone, under other names.
 */
export interface OtherProvider {
  readonly issuer: string;
  /** Its entry of the setting `issuers`. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** Who signs in next. */
  person: OtherPerson;
  /** Requests that it got, as `METHOD /path`. */
  readonly requests: string[];
  /** Answers in its place where it returns true. */
  intercept: ((path: string, response: ServerResponse) => boolean) | undefined;
  readonly key: KeyObject;
  /** A JWT signed with its key, or another P-256 one, by ES256 whatever the header says. */
  sign(header: Claims, claims: Claims, key?: KeyObject): string;
  stop(): Promise<void>;
}

const path = "/realms/photos";
export const scopePrefix = "photos/";
const ourScopes = ["files:read", "files:write", "uploads:write"].map((scope) => `${scopePrefix}${scope}`);
const keyId = "of-the-other";

/** Its web client comes back to `web`; its native one to any port of 127.0.0.1. */
export async function startOtherProvider(web: string): Promise<OtherProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => handle(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const clientSecret = "of-the-web-client-and-of-nobody-else";
  const people = new Map<string, OtherPerson>();

  const client = {
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code" as const],
    id_token_signed_response_alg: "ES256" as const,
  };
  const configuration: Configuration = {
    clients: [
      {
        ...client,
        client_id: "photos-web",
        client_secret: clientSecret,
        redirect_uris: [`${web}/session/callback`],
        post_logout_redirect_uris: [`${web}/`],
      },
      {
        ...client,
        client_id: "photos-cli",
        application_type: "native",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://127.0.0.1/callback"],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: keyId, alg: "ES256", use: "sig" }] },
    cookies: { keys: ["of the acceptance suite"] },
    scopes: ["openid", "profile", "email", "offline_access"],
    claims: { openid: ["sub"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: () => true,
    interactions: { url: (_context, { uid }) => `${path}/interaction/${uid}` },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => web,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: ourScopes.join(" "),
          audience: web,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt: (_context, _token, jwt) => {
          jwt.header = { typ: "JWT" };
          // The library insists on an audience; one that JSON leaves out is none.
          const aud = { toJSON: () => undefined };
          jwt.payload = { ...jwt.payload, aud, token_use: "access" };
        },
      },
    },
    async loadExistingGrant({ oidc }) {
      const clientId = oidc.client?.clientId ?? "";
      const known = oidc.session?.grantIdFor(clientId);
      if (known) return provider.Grant.find(known);
      const accountId = oidc.session?.accountId;
      const grant = new provider.Grant({ clientId, ...(accountId !== undefined && { accountId }) });
      grant.addOIDCScope("openid profile email offline_access");
      grant.addResourceScope(web, ourScopes.join(" "));
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(issuer, configuration);
  const answer = provider.callback();

  /** The library's own takes no token that an API takes; other providers' do. */
  const tellOfPerson = (request: IncomingMessage, response: ServerResponse) => {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const [header, payload = "", signature = ""] = token.split(".");
    const isGenuine = verify(
      "sha256",
      Buffer.from(`${header}.${payload}`),
      { key: publicKey, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    if (!isGenuine) return response.writeHead(401).end();
    const { sub } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { sub: string };
    const { subject, ...claims } = people.get(sub) ?? { subject: sub };
    return response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify({ sub: subject, ...claims }));
  };

  handle = (request, response) => {
    const [asked = ""] = (request.url ?? "").split("?");
    const below = asked.slice(path.length);
    other.requests.push(`${request.method} ${below}`);
    if (other.intercept?.(below, response)) return;
    if (!asked.startsWith(`${path}/`)) {
      response.writeHead(404).end();
      return;
    }
    if (below === "/me") {
      tellOfPerson(request, response);
      return;
    }
    // As a framework does that mounts it: oidc-provider reads its own path from the two.
    Object.assign(request, { originalUrl: request.url, url: request.url?.slice(path.length) });
    if (!below.startsWith("/interaction/")) {
      void answer(request, response);
      return;
    }
    people.set(other.person.subject, other.person);
    // Native clients are refused without a consent (RFC 8252 section 8.6).
    const result = { login: { accountId: other.person.subject }, consent: {} };
    void provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const other: OtherProvider = {
    issuer,
    entry: {
      issuer,
      audience: ["photos-web", "photos-cli"],
      audienceClaim: "client_id",
      webClientId: "photos-web",
      webClientSecret: clientSecret,
      cliClientId: "photos-cli",
      tokenType: "JWT",
      requiredClaims: { token_use: "access" },
      algorithms: ["ES256"],
      claims: { email: "mail", name: "displayname" },
      userinfo: true,
      scopePrefix,
    },
    person: { subject: "ann", mail: "ann@other.example", displayname: "Ann" },
    requests: [],
    intercept: undefined,
    key: privateKey,
    sign(header, claims, key = privateKey) {
      const input = `${encode(header)}.${encode(claims)}`;
      const signature = sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
      return `${input}.${signature.toString("base64url")}`;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return other;
}

/** Its public key, as anybody reads it from its JWKS. */
export const publicKeyOf = ({ key }: OtherProvider): KeyObject => createPublicKey(key);
