import type { ApiServer } from "@stowage/api";
import { createWebSession, type WebSessionOptions } from "@stowage/web-session";
import { fetchFromInside } from "./fetch-from-inside.ts";
import { embeddedIssuerUrl } from "./issuers/embedded-issuer-url.ts";
import type { SignIn } from "./issuers/sign-in-with.ts";
import type { ProcessSetup } from "./process-setup.ts";
import { webSessionKeyOf } from "./secrets.ts";

/** Where the session is mounted on the web origin. */
const webSessionPath = "/session";

/**
 * Serves `/session/*`. Nothing of the API's but its limit per address is applied to it, CORS least of all: whatever origins may call the API,
 * only our own pages may ask whom they belong to.
 */
export async function mountWebSession(
  server: ApiServer,
  setup: ProcessSetup,
  signIn: SignIn,
  sessionsEndedAtMs: NonNullable<WebSessionOptions["sessionsEndedAtMs"]>,
  logger: NonNullable<WebSessionOptions["logger"]>,
): Promise<void> {
  const handler = createWebSession({
    ...signIn,
    publicUrl: setup.publicUrl,
    path: webSessionPath,
    hasGrantPerSignIn: signIn.issuer === embeddedIssuerUrl(setup.publicUrl),
    key: webSessionKeyOf(setup.secrets),
    sessionsEndedAtMs,
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
