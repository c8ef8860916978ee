import type { IncomingMessage } from "node:http";
import type { ApiServer } from "@stowage/api";
import { createIssuerHttpHandler, type Issuer, type IssuerEvent } from "@stowage/issuer";
import type { Logger } from "pino";
import { issuerPath } from "./issuers/embedded-issuer-url.ts";
import { signUpOf } from "./issuers/sign-up-of.ts";
import type { ProcessSetup } from "./process-setup.ts";

/** The issuer reads and answers its own requests: nothing of the API's but its limit per address is applied to them. */
export async function mountIssuer(
  server: ApiServer,
  setup: ProcessSetup,
  issuer: Issuer,
  theme: string,
  logger: Logger,
  addressOf: (request: IncomingMessage) => string,
): Promise<void> {
  // Read as each request comes: of a client that has hung up the connection tells no address any more.
  const addresses = new WeakMap<IncomingMessage, string>();
  const handler = createIssuerHttpHandler({
    issuer,
    issuerUrl: `${setup.publicUrl}${issuerPath}`,
    webOrigin: setup.publicUrl,
    signUp: signUpOf(setup),
    theme,
    clientAddress: (request) => addresses.get(request) ?? "",
    onEvent: (event) => logEvent(logger, event),
  });
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.all(`${issuerPath}/*`, { schema: { hide: true }, config: { cors: false } }, (request, reply) => {
      reply.hijack();
      addresses.set(request.raw, addressOf(request.raw));
      handler(request.raw, reply.raw);
    });
  });
}

function logEvent(logger: Logger, event: IssuerEvent): void {
  if (event.type === "error") logger.error({ err: event.error }, "issuer failed");
  else if (event.type === "signed-in" || event.type === "signed-up") logger.info(event, "issuer");
  else logger.warn(event, "issuer");
}
