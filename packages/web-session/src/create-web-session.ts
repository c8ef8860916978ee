import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, problem, send } from "./answer.ts";
import { callback } from "./callback.ts";
import { logDefect } from "./log-failure.ts";
import { isSameOrigin } from "./same-origin.ts";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { token } from "./token.ts";
import {
  createWebSessionContext,
  type WebSessionContext,
  type WebSessionOptions,
} from "./web-session-context.ts";

interface Endpoint {
  readonly method: "GET" | "POST";
  answer(context: WebSessionContext, request: IncomingMessage, query: URLSearchParams): Promise<Answer>;
}

/** Nobody needs a body here; a page may send `{}`. */
const maxBodyBytes = 1024;

/**
 * Signs people of a web page in with the code flow of any OpenID provider, on the server, and hands the page short-lived
 * access tokens: a token-mediating backend (draft-ietf-oauth-browser-based-apps section 6.2). Answers everything below
 * `path`; the request's URL is the whole path, as Node gives it.
 *
 * @throws {RangeError} if `key` has not 32 bytes, or `publicUrl` is not an origin
 */
export function createWebSession(
  options: WebSessionOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const context = createWebSessionContext(options);
  const { path, logger } = context;
  const endpoints = new Map<string, Endpoint>([
    [`${path}/sign-in`, { method: "GET", answer: signIn }],
    [`${path}/callback`, { method: "GET", answer: callback }],
    [`${path}/token`, { method: "POST", answer: token }],
    [`${path}/sign-out`, { method: "POST", answer: signOut }],
  ]);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { method, url = "", headers } = request;
    const queryAt = url.indexOf("?");
    const endpoint = endpoints.get(queryAt < 0 ? url : url.slice(0, queryAt));
    if (!endpoint) return problem("not-found", "There is no such address here.");
    if (method !== endpoint.method)
      return problem("method-not-allowed", `Only ${endpoint.method} is taken here.`, {
        headers: { Allow: endpoint.method },
      });
    if (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > maxBodyBytes)
      return problem("body-too-large", `A body has at most ${maxBodyBytes} bytes here, and says how many.`, {
        headers: { Connection: "close" },
      });
    if (method === "POST" && !isSameOrigin(request, context.publicUrl))
      return problem("cross-site", `Only pages of ${context.publicUrl} may ask for this.`);
    return endpoint.answer(context, request, new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1)));
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      send(response, await answer(request));
    } catch (error) {
      logDefect(logger, error);
      send(response, problem("internal-error", "Signing in or out failed here; the log says more."));
    }
  };
  return (request, response) => {
    void respond(request, response);
  };
}
