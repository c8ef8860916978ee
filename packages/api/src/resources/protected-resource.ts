import { scopes } from "@stowage/protocol";
import { z } from "zod";
import type { ApiServer } from "../api-context.ts";
import type { TrustedIssuer } from "../authentication/trusted-issuer.ts";

/** RFC 9728 section 3.1, for a resource without a path. */
export const protectedResourcePath = "/.well-known/oauth-protected-resource";

/** How one gets a token for this API. */
export interface ProtectedResource {
  /** The API's public origin: what clients compare with the address that they asked (RFC 9728 section 3.3). */
  readonly resource: string;
  /** As which clients of ours sign in. */
  readonly clients: { readonly cli?: PublicClient };
}

/** A client without a secret, and how it asks for tokens. */
export interface PublicClient {
  /** One of the trusted ones. */
  readonly issuer: string;
  readonly clientId: string;
  /** Scopes parted by spaces. */
  readonly scope: string;
  /** Resource indicator (RFC 8707). */
  readonly resource?: string;
  /** Further parameters of the authorization request. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** Loopback, with a port; default any port of 127.0.0.1. */
  readonly redirectUri?: string;
}

const maxAgeSeconds = 300;

const publicClientSchema = z.object({
  issuer: z.string(),
  client_id: z.string(),
  scope: z.string(),
  resource: z.string().optional(),
  authorization_parameters: z.record(z.string(), z.string()).optional(),
  redirect_uri: z.string().optional(),
});

const protectedResourceSchema = z
  .object({
    resource: z.string(),
    resource_name: z.string(),
    authorization_servers: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    bearer_methods_supported: z.array(z.literal("header")),
    stowage_clients: z.object({ cli: publicClientSchema.optional() }),
  })
  .meta({ id: "ProtectedResource" });

/** OAuth 2.0 protected resource metadata (RFC 9728), for any page and any client: it holds nothing secret. */
export function protectedResourceRoute(
  server: ApiServer,
  { resource, clients }: ProtectedResource,
  issuers: readonly TrustedIssuer[],
): void {
  const { cli } = clients;
  const trusted = issuers.map(({ issuer }) => issuer);
  const metadata = {
    resource,
    resource_name: "Stowage",
    // Who takes the first takes the one that our own clients take.
    authorization_servers: [...new Set(cli ? [cli.issuer, ...trusted] : trusted)],
    scopes_supported: scopesAsAsked(issuers),
    bearer_methods_supported: ["header" as const],
    stowage_clients: cli ? { cli: clientMetadata(cli) } : {},
  };
  server.get(
    protectedResourcePath,
    {
      logLevel: "warn",
      schema: {
        tags: ["operations"],
        summary: "Who issues tokens for this API (RFC 9728)",
        security: [],
        response: { 200: protectedResourceSchema },
      },
    },
    async (_request, reply) =>
      reply
        .headers({
          "cache-control": `public, max-age=${maxAgeSeconds}`,
          "access-control-allow-origin": "*",
        })
        .send(metadata),
  );
}

/** By the names by which the issuers know them. */
const scopesAsAsked = (issuers: readonly TrustedIssuer[]): string[] => [
  ...new Set(issuers.flatMap(({ scopePrefix = "" }) => scopes.map((scope) => `${scopePrefix}${scope}`))),
];

const clientMetadata = (client: PublicClient): z.infer<typeof publicClientSchema> => ({
  issuer: client.issuer,
  client_id: client.clientId,
  scope: client.scope,
  ...(client.resource === undefined ? {} : { resource: client.resource }),
  ...(client.authorizationParameters === undefined
    ? {}
    : { authorization_parameters: { ...client.authorizationParameters } }),
  ...(client.redirectUri === undefined ? {} : { redirect_uri: client.redirectUri }),
});
