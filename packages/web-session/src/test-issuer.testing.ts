import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import Provider, { type ClientMetadata, type Configuration } from "oidc-provider";
import { createMemoryAdapters } from "./memory-adapter.testing.ts";

/** A real OpenID provider whose people sign in without being asked. */
export interface TestIssuer {
  /** Its identifier. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly provider: Provider;
  /** Requests that it got, as `METHOD /path`, in order. */
  readonly requests: readonly string[];
  /** Who signs in next; nobody: the person says no. */
  person: string | undefined;
  /** Answers in its place where it returns true. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  stop(): Promise<void>;
  /** At the port that it had. */
  start(): Promise<void>;
}

export interface TestIssuerOptions {
  readonly client?: Partial<ClientMetadata>;
  readonly configuration?: Configuration;
  readonly algorithm?: "RS256" | "PS256" | "ES256";
  readonly clientId?: string;
  /** Of its identifier, such as `/realms/one`. Default none. */
  readonly path?: string;
}

const emailOf = (person: string) => `${person}@example.com`;

/** Starts one for as long as the test. Its web client comes back to `redirectUri`. */
export async function startTestIssuer(
  t: TestContext,
  publicUrl: string,
  { client, configuration, algorithm = "RS256", clientId = "web", path = "" }: TestIssuerOptions = {},
): Promise<TestIssuer> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split("?")[0]}`);
    if (!issuer.intercept?.(request, response)) handle(request, response);
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const port = await listen(0);
  t.after(stop);

  const url = `http://localhost:${port}${path}`;
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const { ttl, features, ...rest } = configuration ?? {};
  const provider = new Provider(url, {
    adapter: createMemoryAdapters(),
    clients: [
      {
        client_id: clientId,
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        redirect_uris: [`${publicUrl}/session/callback`],
        post_logout_redirect_uris: [`${publicUrl}/`],
        token_endpoint_auth_method: "none",
        id_token_signed_response_alg: algorithm,
        ...client,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: algorithm, use: "sig" }] },
    cookies: { keys: ["of a test"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: emailOf(id), name: `${id} of Example` }),
    }),
    claims: { openid: ["sub"], email: ["email"], profile: ["name"] },
    conformIdTokenClaims: false,
    scopes: ["openid", "email", "profile", "offline_access"],
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
      ...ttl,
    },
    async loadExistingGrant({ oidc }) {
      const known = oidc.session?.grantIdFor(clientId);
      if (known) return provider.Grant.find(known);
      const accountId = oidc.session?.accountId;
      const grant = new provider.Grant({ clientId, ...(accountId !== undefined && { accountId }) });
      grant.addOIDCScope("openid email profile offline_access");
      await grant.save();
      return grant;
    },
    ...rest,
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, { clientId: asking }, token) => token.clientId === asking,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.body = form;
        },
      },
      ...features,
    },
  });
  const answer = provider.callback();
  handle = (request, response) => {
    // As a framework does that mounts it: oidc-provider reads its own path from the two.
    Object.assign(request, { originalUrl: request.url, url: request.url?.slice(path.length) });
    if (!request.url?.startsWith("/interaction/")) {
      void answer(request, response);
      return;
    }
    const result =
      issuer.person === undefined
        ? { error: "access_denied", error_description: "The person said no." }
        : { login: { accountId: issuer.person } };
    void provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };
  const issuer: TestIssuer = {
    url,
    clientId,
    ...(client?.client_secret === undefined ? {} : { clientSecret: client.client_secret }),
    provider,
    requests,
    person: "ann",
    intercept: undefined,
    stop,
    start: async () => {
      await listen(port);
    },
  };
  return issuer;
}
