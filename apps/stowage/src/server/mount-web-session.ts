import type { ApiServer } from "@stowage/api";
import { createWebSession, type WebSessionOptions } from "@stowage/web-session";
import { fetchFromInside } from "./fetch-from-inside.ts";
import type { ProcessSetup } from "./process-setup.ts";
import { webSessionKeyOf } from "./secrets.ts";

/** Where the session is mounted on the web origin. */
export const webSessionPath = "/session";

/** How the web page signs in: at which issuer, as which client, for what. */
export type WebSignIn = Pick<
  WebSessionOptions,
  "issuer" | "clientId" | "clientSecret" | "scope" | "resource" | "authorizationParameters"
>;

/** The embedded issuer's client for the page, and no more than the page needs. */
export const embeddedWebSignIn = (issuerUrl: string): WebSignIn => ({
  issuer: issuerUrl,
  clientId: "stowage-web",
  scope: "openid email profile offline_access files:read files:write uploads:write",
});

/**
 * Serves `/session/*`. Nothing of the API's is applied to it, CORS least of all: whatever origins may call the API,
 * only our own pages may ask whom they belong to.
 */
export async function mountWebSession(
  server: ApiServer,
  setup: ProcessSetup,
  signIn: WebSignIn,
  logger: NonNullable<WebSessionOptions["logger"]>,
): Promise<void> {
  const handler = createWebSession({
    ...signIn,
    publicUrl: setup.publicUrl,
    path: webSessionPath,
    key: webSessionKeyOf(setup.secrets),
    fetch: fetchFromInside(setup),
    logger,
  });
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    for (const url of [webSessionPath, `${webSessionPath}/*`])
      scope.all(url, { schema: { hide: true }, config: { cors: false } }, (request, reply) => {
        reply.hijack();
        handler(request.raw, reply.raw);
      });
  });
}
