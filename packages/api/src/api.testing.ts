import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Clock,
  createUuidV7Source,
  defaultLimits,
  defaultProfile,
  type IssuerAccounts,
  type Limits,
  type ServicePorts,
} from "@stowage/core";
import {
  createMemoryMetadataStore,
  createMemoryObjectStore,
  testPassphrases,
  testTokens,
} from "@stowage/core/testing";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { ApiServer } from "./api-context.ts";
import type { TrustedIssuer } from "./authentication/trusted-issuer.ts";
import { type ApiOptions, createApi } from "./create-api.ts";
import type { OpenRateLimiter } from "./rate-limits/rate-limiter.ts";
import type { ProtectedResource } from "./resources/protected-resource.ts";

export const issuerUrl = "https://issuer.example/oidc";
export const audience = "https://files.example";
export const capabilityKey = new Uint8Array(32).fill(7);

/** The store whose events the API takes. */
export const storeBucket = "stowage";
export const storeSecret = "a-secret-that-only-the-store-knows-in-tests";

/** An API over memory adapters, and an issuer whose keys it fetches over a real socket. */
export interface ApiUnderTest {
  readonly server: ApiServer;
  readonly services: ServicePorts;
  readonly keyFetches: { count: number };
  /** Signs whatever is asked for, as the trusted issuer. */
  sign(
    claims: JWTPayload,
    header?: { typ?: string; kid?: string; alg?: string },
    /** In seconds; `undefined`, said: it does not say. Default: now. */
    issuedAt?: number | undefined,
  ): Promise<string>;
  /** Headers of a signed-in person. */
  as(subject: string, scope?: string): Promise<{ authorization: string }>;
  advance(ms: number): void;
  close(): Promise<void>;
}

const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });

/** The issuer's public key, as a forger would have it. */
export const publicJwk = await exportJWK(publicKey);

export async function createApiUnderTest(
  o: {
    limits?: Partial<Limits>;
    issuerAccounts?: IssuerAccounts;
    corsOrigins?: string[];
    protectedResource?: ProtectedResource;
    openRateLimiter?: OpenRateLimiter;
    addressOf?: ApiOptions["addressOf"];
    /** Beside the one that {@link ApiUnderTest.sign} signs as. */
    issuers?: readonly TrustedIssuer[];
  } = {},
): Promise<ApiUnderTest> {
  let aheadMs = 0;
  const clock: Clock = { nowMs: () => Date.now() + aheadMs };
  const keyFetches = { count: 0 };
  const keys = createServer((_request, response) => {
    keyFetches.count += 1;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [{ ...publicJwk, kid: "key-1", alg: "RS256", use: "sig" }] }));
  });
  await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
  const { port } = keys.address() as AddressInfo;
  const services: ServicePorts = {
    metadata: createMemoryMetadataStore({ clock }),
    objects: createMemoryObjectStore({ clock }),
    clock,
    ids: {
      newId: createUuidV7Source(clock.nowMs, () => randomBytes(10)),
      newKeyPart: () => randomBytes(16).toString("hex"),
    },
    limits: { ...defaultLimits, ...o.limits },
    ...(o.issuerAccounts ? { issuerAccounts: o.issuerAccounts } : {}),
    profiles: new Map([[defaultProfile.name, defaultProfile]]),
    tokens: testTokens,
    passphrases: testPassphrases,
    wakeWorker: () => undefined,
  };
  const server = await createApi({
    services,
    issuers: [
      { issuer: issuerUrl, audience, jwksUri: `http://127.0.0.1:${port}/jwks` },
      ...(o.issuers ?? []),
    ],
    capabilities: { key: capabilityKey, audience },
    webUrl: "https://web.example",
    ...(o.protectedResource ? { protectedResource: o.protectedResource } : {}),
    corsOrigins: o.corsOrigins ?? [],
    ...(o.openRateLimiter ? { openRateLimiter: o.openRateLimiter } : {}),
    ...(o.addressOf ? { addressOf: o.addressOf } : {}),
    storeEvents: { bucket: storeBucket, secret: storeSecret },
    dependencies: [{ name: "database", check: () => services.metadata.checkHealth() }],
    version: "0.0.0",
  });
  const sign: ApiUnderTest["sign"] = (claims, header = {}, ...issued) => {
    const token = new SignJWT({ iss: issuerUrl, aud: audience, sub: "ann", scope: allScopes, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "key-1", typ: "at+jwt", ...header })
      .setExpirationTime(claims.exp ?? "5m");
    const [issuedAt] = issued.length === 0 ? [Math.floor(Date.now() / 1000)] : issued;
    if (issuedAt !== undefined) token.setIssuedAt(issuedAt);
    return token.sign(privateKey);
  };
  return {
    server,
    services,
    keyFetches,
    sign,
    as: async (subject, scope = allScopes) => ({
      authorization: `Bearer ${await sign({ sub: subject, scope })}`,
    }),
    advance: (ms) => {
      aheadMs += ms;
    },
    close: async () => {
      await server.close();
      await new Promise((resolve) => keys.close(resolve));
    },
  };
}

const allScopes = "files:read files:write uploads:write";

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** What a client says of these bytes as a photograph. */
export const intentOf = (bytes: Uint8Array, name = "a.jpg") => ({
  name,
  sizeBytes: bytes.byteLength,
  contentType: "image/jpeg",
  sha256: sha256Of(bytes),
});
