import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { invitePath } from "../add-invite.ts";
import { issuerPorts } from "../issuer-ports.ts";
import { parseIssuerUrl } from "../issuer-url.ts";
import { cookieConfiguration } from "../protocol/cookies.ts";
import { createProvider } from "../protocol/create-provider.ts";
import { describeFailure } from "./describe-failure.ts";
import type { Exchange, HttpContext } from "./http-context.ts";
import type { IssuerHttpOptions } from "./http-options.ts";
import { limitStarts } from "./limit-starts.ts";
import { messagePage } from "./pages/message-page.ts";
import { createPages, securityHeaders } from "./pages/page.ts";
import { serveInteraction } from "./serve-interaction.ts";
import { serveInvite } from "./serve-invite.ts";

/** Bounds how long a client goes on with the keys that it has read. */
const maxAgeSeconds = 300;
/** A form is some hundred bytes. */
const defaultBodyTimeoutMs = 15_000;

/** Endpoints that the library answers. */
const protocolEndpoints: ReadonlySet<string> = new Set(["auth", "token", "revocation", "end-session"]);

/**
 * Serves an issuer below the path of its URL: its metadata and keys to every origin, the endpoints of OpenID Connect
 * (code flow with PKCE), and the pages to sign in, up and out on. Anything else is a 404. The request's URL is the whole
 * path, as Node gives it. What the issuer's origin is, configuration alone says: `Host` and `X-Forwarded-*` change
 * nothing.
 *
 * @throws {InvalidIssuerUrlError}
 */
export function createIssuerHttpHandler({
  issuer,
  issuerUrl,
  webOrigin = new URL(issuerUrl).origin,
  initiateLoginUrl = `${webOrigin}/session/sign-in`,
  audience = webOrigin,
  signUp = "invited",
  theme,
  clientAddress = ({ socket }) => socket.remoteAddress ?? "",
  bodyTimeoutMs = defaultBodyTimeoutMs,
  onEvent = () => undefined,
}: IssuerHttpOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { path } = parseIssuerUrl(issuerUrl);
  const { origin, host, protocol } = new URL(issuerUrl);
  let provider: Promise<Provider> | undefined;
  let answerByLibrary: ReturnType<Provider["callback"]> | undefined;
  const context: HttpContext = {
    ports: issuerPorts(issuer),
    provider: () => {
      provider ??= createProvider(context, { issuerUrl, audience }).catch((error: unknown) => {
        provider = undefined;
        throw error;
      });
      return provider;
    },
    pages: createPages({ webOrigin, ...(theme !== undefined && { theme }) }),
    path,
    origin,
    webOrigin,
    signInUrl: initiateLoginUrl,
    signUp,
    cookies: cookieConfiguration(issuerUrl),
    clientAddress,
    tell: onEvent,
  };

  const serveByLibrary = async ({ request, response }: Exchange): Promise<void> => {
    answerByLibrary ??= (await context.provider()).callback();
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    const { url = "" } = request;
    Object.assign(request, { originalUrl: url });
    request.url = url.slice(path.length);
    await answerByLibrary(request, response);
  };

  const serve = async (exchange: Exchange): Promise<void> => {
    const { request, response } = exchange;
    const { method = "", url = "" } = request;
    const [requestPath = ""] = url.split("?", 1);
    const isRead = method === "GET" || method === "HEAD";
    // OPTIONS would let the library tell every origin that it may ask, though no answer is for it to read.
    const isKnown = isRead || method === "POST";
    if (!isKnown || !requestPath.startsWith(`${path}/`)) return sendNotFound(response);
    const below = requestPath.slice(path.length + 1);
    if (isRead && below === ".well-known/openid-configuration") {
      sendPublic(response, issuer.discovery(issuerUrl));
      // Somebody is about to sign in, and then finds it loaded.
      await context.provider();
      return;
    }
    if (isRead && below === "jwks") return sendPublic(response, issuer.jwks());
    const [first = "", ...steps] = below.split("/");
    if (first === "interaction") return serveInteraction(context, exchange, steps);
    if (first === invitePath && steps.length === 1) return serveInvite(context, exchange, steps);
    if (!protocolEndpoints.has(first)) return sendNotFound(response);
    // Below it a sign-in goes on that was begun.
    if (isRead && first === "auth" && steps.length === 0) await limitStarts(context, request);
    return serveByLibrary(exchange);
  };

  return (request, response) => {
    endSlowBody(request, response, bodyTimeoutMs);
    // The library believes these, and so they are ours.
    request.headers.host = host;
    request.headers["x-forwarded-host"] = host;
    request.headers["x-forwarded-proto"] = protocol.slice(0, -1);
    serve({ request, response }).catch((error: unknown) => {
      const failure = describeFailure(error);
      if (failure.status === 500) onEvent({ type: "error", error });
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { status, headers = {}, ...words } = failure;
      const page = messagePage({
        ...words,
        isError: true,
        link: { url: `${webOrigin}/`, text: "Go to Stowage" },
      });
      context.pages.send(response, status, page, headers);
    });
  };
}

/** Ends a request whose body does not come to its end: no read of ours or the library's waits for longer. */
function endSlowBody(request: IncomingMessage, response: ServerResponse, timeoutMs: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => {
    if (!response.headersSent) response.writeHead(408, { Connection: "close", "Content-Length": 0 }).end();
    request.destroy();
  }, timeoutMs);
  timer.unref();
  request.once("end", () => clearTimeout(timer));
  request.once("close", () => clearTimeout(timer));
}

const sendNotFound = (response: ServerResponse): void =>
  sendJson(response, 404, { error: "not_found" }, { "Cache-Control": "no-store" });

const sendPublic = (response: ServerResponse, document: unknown): void =>
  sendJson(response, 200, document, {
    "Cache-Control": `public, max-age=${maxAgeSeconds}`,
    "Access-Control-Allow-Origin": "*",
  });

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string>,
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": bytes.length,
    "X-Content-Type-Options": "nosniff",
    ...headers,
  });
  response.end(bytes);
}
