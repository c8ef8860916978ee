import type { ApiServer } from "@stowage/api";
import { createIssuerHttpHandler, type Issuer, type IssuerEvent, type SignUp } from "@stowage/issuer";
import type { Logger } from "pino";
import { issuerPath } from "./issuers/embedded-issuer-url.ts";
import { isLoopbackHost } from "./loopback.ts";
import type { ProcessSetup } from "./process-setup.ts";

/** The issuer reads and answers its own requests: nothing of the API's is applied to them. */
export async function mountIssuer(
  server: ApiServer,
  setup: ProcessSetup,
  issuer: Issuer,
  theme: string,
  logger: Logger,
): Promise<void> {
  const handler = createIssuerHttpHandler({
    issuer,
    issuerUrl: `${setup.publicUrl}${issuerPath}`,
    webOrigin: setup.publicUrl,
    signUp: signUpOf(setup),
    theme,
    onEvent: (event) => logEvent(logger, event),
  });
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.all(`${issuerPath}/*`, { schema: { hide: true }, config: { cors: false } }, (request, reply) => {
      reply.hijack();
      handler(request.raw, reply.raw);
    });
  });
}

/** A page that strangers can reach is open to them only if that was said aloud. */
function signUpOf({ configuration, publicUrl }: ProcessSetup): SignUp {
  const setting = configuration["issuer.signUp"];
  const { host } = configuration;
  const isOurs =
    isLoopbackHost(host.includes(":") ? `[${host}]` : host) && isLoopbackHost(new URL(publicUrl).hostname);
  return setting === "open" || (setting === "loopback" && isOurs) ? "open" : "invited";
}

function logEvent(logger: Logger, event: IssuerEvent): void {
  if (event.type === "error") logger.error({ err: event.error }, "issuer failed");
  else if (event.type === "signed-in" || event.type === "signed-up") logger.info(event, "issuer");
  else logger.warn(event, "issuer");
}
