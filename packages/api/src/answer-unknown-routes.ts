import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiServer } from "./api-context.ts";
import { sendProblem } from "./problems/answer-error.ts";
import { problemOf } from "./problems/problem-of.ts";

const escapeForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const patternOf = (route: string): RegExp =>
  new RegExp(
    `^${route
      .split("/")
      .map((segment) =>
        segment.startsWith(":") ? "[^/]+" : segment === "*" ? ".*" : escapeForRegExp(segment),
      )
      .join("/")}$`,
  );

/** Answers a request for an address that has no route, or leaves it to the API by `undefined`. */
export type AnswerUnknownAddress = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

/** 405 with `Allow` where the path has a route for another method (RFC 9110 section 15.5.6), else 404. */
export function answerUnknownRoutes(server: ApiServer, answerUnknownAddress?: AnswerUnknownAddress): void {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  server.addHook("onRoute", ({ url, method }) => {
    // Preflights are answered for every path: that makes no address of it.
    if (url === "*") return;
    const known = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const each of Array.isArray(method) ? method : [method]) known.methods.add(each);
    routes.set(url, known);
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    const allowed = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods]);
    if (allowed.length === 0)
      return (
        answerUnknownAddress?.(request, reply) ??
        sendProblem(
          reply,
          problemOf("not-found", "There is no such address here.", { requestId: request.id }),
        )
      );
    const methods = [...new Set(allowed)].sort().join(", ");
    reply.header("allow", methods);
    return sendProblem(
      reply,
      problemOf("method-not-allowed", `${request.method} is not among: ${methods}.`, {
        requestId: request.id,
      }),
    );
  });
}
