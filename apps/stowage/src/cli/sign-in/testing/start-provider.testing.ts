import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export interface TestProviderOptions {
  /** Seconds that an access token lives. Default 600. */
  readonly accessTokenSeconds?: number;
  /** Whether a refresh token is given. Default true. */
  readonly refreshTokens?: boolean;
}

/** A real OpenID provider on a free port of this machine that signs everybody in at once. For tests. */
export interface TestProvider {
  readonly issuer: string;
  /** Every access token that it gave out. */
  readonly accessTokens: ReadonlySet<string>;
  /** Every token of any kind: none of them may be seen anywhere. */
  readonly allTokens: ReadonlySet<string>;
  /** Grant types that were asked for at the token endpoint, and `revocation`, in their order. */
  readonly asked: string[];
  /** Who signs in next, or `deny` for somebody who says no. */
  person: string;
  /** How the token endpoint behaves instead of answering. */
  fault: "down" | "busy" | "silent" | undefined;
  /** Resolves once a request is left without an answer (`silent`). */
  heldBack(): Promise<void>;
  /** Ends every refresh token. */
  forgetGrants(): void;
  close(): Promise<void>;
}

const signingKey = {
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  kty: "RSA",
  use: "sig",
  alg: "RS256",
};

const body = (response: { readonly body?: unknown }): Readonly<Record<string, unknown>> =>
  (response.body ?? {}) as Readonly<Record<string, unknown>>;

export async function startProvider(options: TestProviderOptions = {}): Promise<TestProvider> {
  const { accessTokenSeconds = 600, refreshTokens = true } = options;
  const accessTokens = new Set<string>();
  const allTokens = new Set<string>();
  const asked: string[] = [];
  const silence = Promise.withResolvers<void>();
  const storage = new Map<string, unknown>();
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "stowage-cli",
        application_type: "native",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://127.0.0.1/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    ],
    jwks: { keys: [signingKey] },
    cookies: { keys: ["for tests"] },
    scopes: ["openid", "offline_access", "files:read"],
    claims: { email: ["email"] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    pkce: { required: () => true },
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      IdToken: 600,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 86_400,
      Interaction: 600,
    },
    issueRefreshToken: async () => refreshTokens,
    rotateRefreshToken: true,
    findAccount: async (_ctx, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, email: `${accountId}@example.test` }),
    }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId ?? "",
        accountId: ctx.oidc.session?.accountId ?? "",
      });
      grant.addOIDCScope("openid email offline_access files:read");
      await grant.save();
      return grant;
    },
    adapter: (name: string) => createMemoryAdapter(name, storage),
  });
  provider.on("grant.success", (ctx) => {
    const { access_token, refresh_token, id_token } = body(ctx);
    if (typeof access_token === "string") accessTokens.add(access_token);
    for (const token of [access_token, refresh_token, id_token])
      if (typeof token === "string") allTokens.add(token);
  });
  provider.on("server_error", (_ctx, error) => process.stderr.write(`${error.stack}\n`));
  const callback = provider.callback();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", issuer).pathname;
    if (path.startsWith("/interaction/")) {
      const result =
        state.person === "deny"
          ? { error: "access_denied", error_description: "They said no" }
          : { login: { accountId: state.person }, consent: {} };
      return void provider.interactionFinished(request, response, result);
    }
    if (path === "/token" || path === "/token/revocation") {
      if (state.fault === "down") return void request.socket.destroy();
      if (state.fault === "silent") return void silence.resolve();
      if (state.fault === "busy") return void response.writeHead(503).end("Later.");
      asked.push(path === "/token" ? "token" : "revocation");
    }
    callback(request, response);
  }

  const state: TestProvider = {
    issuer,
    accessTokens,
    allTokens,
    asked,
    person: "ada",
    fault: undefined,
    heldBack: () => silence.promise,
    forgetGrants: () => {
      for (const key of storage.keys()) if (!key.startsWith("Session:")) storage.delete(key);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return state;
}

/** As oidc-provider's adapters are: one for each model, over one map. */
function createMemoryAdapter(name: string, storage: Map<string, unknown>) {
  type Payload = Record<string, unknown>;
  const key = (id: string) => `${name}:${id}`;
  const find = (test: (payload: Payload) => boolean): Payload | undefined => {
    for (const [stored, payload] of storage)
      if (stored.startsWith(`${name}:`) && test(payload as Payload)) return payload as Payload;
    return undefined;
  };
  return {
    async upsert(id: string, payload: object) {
      storage.set(key(id), { ...payload });
    },
    find: async (id: string) => storage.get(key(id)) as Payload | undefined,
    findByUid: async (uid: string) => find((payload) => payload.uid === uid),
    findByUserCode: async (code: string) => find((payload) => payload.userCode === code),
    async consume(id: string) {
      const payload = storage.get(key(id)) as Payload | undefined;
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id: string) {
      storage.delete(key(id));
    },
    async revokeByGrantId(grantId: string) {
      for (const [stored, payload] of storage)
        if ((payload as Payload).grantId === grantId) storage.delete(stored);
    },
  };
}
