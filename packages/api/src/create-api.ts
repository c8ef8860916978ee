import type { IncomingMessage } from "node:http";
import cors from "@fastify/cors";
import type { ServicePorts } from "@stowage/core";
import Fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { z } from "zod";
import { type AnswerUnknownAddress, answerUnknownRoutes } from "./answer-unknown-routes.ts";
import type { ApiContext, ApiServer } from "./api-context.ts";
import type { ApiObserver } from "./api-observer.ts";
import { callerIdOf, createAuthenticate, findCaller } from "./authentication/authenticate.ts";
import { type CapabilityTokenOptions, createCapabilityTokens } from "./authentication/capability-tokens.ts";
import type { TrustedIssuer } from "./authentication/trusted-issuer.ts";
import { recordDenials } from "./denials/record-denials.ts";
import { registerOpenapi } from "./openapi.ts";
import { parseJson } from "./parse-json.ts";
import { createFileListCursors } from "./present/file-list-cursor.ts";
import { createSequenceSeal } from "./present/seal-sequence.ts";
import { answerError, drainAndAnswerError } from "./problems/answer-error.ts";
import { answerUnreadable } from "./problems/answer-unreadable.ts";
import { ApiError } from "./problems/api-error.ts";
import { zodValidatorCompiler } from "./problems/validation.ts";
import { createLimitAccepts } from "./rate-limits/limit-accepts.ts";
import { createLimitCreates } from "./rate-limits/limit-creates.ts";
import { limitRequests } from "./rate-limits/limit-requests.ts";
import { createMemoryRateLimiter } from "./rate-limits/memory-rate-limiter.ts";
import type { OpenRateLimiter } from "./rate-limits/rate-limiter.ts";
import { albumInviteRoutes } from "./resources/album-invites.ts";
import { albumMemberRoutes } from "./resources/album-members.ts";
import { albumRoutes } from "./resources/albums.ts";
import { archiveRoutes } from "./resources/archives.ts";
import { auditRoutes } from "./resources/audit.ts";
import { downloadRoutes } from "./resources/downloads.ts";
import { fileAccessRoutes } from "./resources/file-access.ts";
import { fileInviteRoutes } from "./resources/file-invites.ts";
import { fileVersionRoutes } from "./resources/file-versions.ts";
import { fileRoutes } from "./resources/files.ts";
import { grantRoutes } from "./resources/grants.ts";
import { type Dependency, healthRoutes } from "./resources/health.ts";
import { inviteRoutes } from "./resources/invites.ts";
import { linkRoutes } from "./resources/links.ts";
import { meRoutes } from "./resources/me.ts";
import { type MetricsOptions, metricsRoute } from "./resources/metrics.ts";
import { peopleRoutes } from "./resources/people.ts";
import { problemPage } from "./resources/problem-page.ts";
import {
  type ProtectedResource,
  protectedResourcePath,
  protectedResourceRoute,
} from "./resources/protected-resource.ts";
import { type StoreEventsOptions, storeEventRoutes } from "./resources/store-events.ts";
import { tokenRoutes } from "./resources/tokens.ts";
import { uploadRoutes } from "./resources/uploads.ts";

export interface ApiOptions {
  readonly services: ServicePorts;
  readonly issuers: readonly TrustedIssuer[];
  /** How the tokens are signed that Stowage gives to guests, to who comes by a link, and to programs that people gave rights of theirs. */
  readonly capabilities: CapabilityTokenOptions;
  /** Where the web page is, that opens links: no slash at its end. */
  readonly webUrl: string;
  /** How one gets a token, for `/.well-known/oauth-protected-resource` and challenges. Default: it is not told. */
  readonly protectedResource?: ProtectedResource;
  /** Origins whose pages may call the API; exact. Default none. */
  readonly corsOrigins?: readonly string[];
  /** Who counts what is limited by the minute. Default: this process, in memory. */
  readonly openRateLimiter?: OpenRateLimiter;
  /** What a request's sender is counted by: an address, or a block of them that one client has. Default: the connection's address. */
  readonly addressOf?: (request: IncomingMessage) => string;
  /** What `/readyz` asks. */
  readonly dependencies: readonly Dependency[];
  /** The store that may tell of its objects. Default: none, and no `/v1/store-events`. */
  readonly storeEvents?: StoreEventsOptions;
  /** What is told to Prometheus. Default: nothing, and no `/metrics`. */
  readonly metrics?: MetricsOptions;
  /** Told of each answer. Default: nobody is. */
  readonly observer?: ApiObserver;
  /** Asked before `404 not-found` is said of an address without a route, e.g. to show a page. Default: nobody. */
  readonly answerUnknownAddress?: AnswerUnknownAddress;
  /** In `/openapi.json`. */
  readonly version: string;
  /** Default: silent. */
  readonly logger?: FastifyBaseLogger;
}

/** 100 files, each with a name, ref and metadata of the largest size, fit; no more. */
const bodyLimitBytes = 4 * 1024 * 1024;

/** From a request's first byte to its last: nobody holds a connection by sending slowly, or without end. */
const requestTimeoutMs = 60_000;

/** Longer than any id: a path member is never cut off at a length that some id has. */
const maxParamLength = 256;

const exposedHeaders = [
  "ETag",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "WWW-Authenticate",
  "Location",
].join(", ");

const everyAnswersHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The HTTP API of version 1, not yet listening. */
export async function createApi(o: ApiOptions): Promise<ApiServer> {
  const server: ApiServer = Fastify({
    ...(o.logger ? { loggerInstance: o.logger } : { logger: false }),
    // One line a request is written below, without the query, which may hold a cursor.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    routerOptions: { maxParamLength },
    genReqId: () => o.services.ids.newId(),
    // Whose address counts is `addressOf`'s to say, and host and scheme are never a request's.
    trustProxy: false,
    return503OnClosing: true,
    frameworkErrors: answerError,
    clientErrorHandler: answerUnreadable,
  });
  server.setValidatorCompiler(zodValidatorCompiler);
  // Answers are built from typed records; the acceptance suite holds them to the schemas.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  server.setErrorHandler(drainAndAnswerError);
  takeJson(server);

  // Hooks with a callback: a promise for each would cost every request a turn.
  server.addHook("onRequest", (request, reply, done) => {
    reply.headers(everyAnswersHeaders);
    done(refusalOfQuery(request.url));
  });
  server.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    const { statusCode, elapsedTime } = reply;
    const principalId = callerIdOf(request);
    request.log.info(
      {
        method: request.method,
        route,
        statusCode,
        durationMs: Math.round(elapsedTime),
        ...(principalId === undefined ? {} : { principalId }),
      },
      "request",
    );
    o.observer?.answered({ method: request.method, route, statusCode, durationMs: elapsedTime });
    done();
  });

  recordDenials(server, o.services.metadata);

  answerUnknownRoutes(server, o.answerUnknownAddress);
  // Where no origin is allowed no answer depends on the request's.
  if (o.corsOrigins?.length)
    await server.register(cors, {
      origin: [...o.corsOrigins],
      methods: ["GET", "POST", "PATCH", "PUT", "DELETE"],
      allowedHeaders: ["authorization", "content-type", "if-match", "if-none-match", "idempotency-key"],
      exposedHeaders,
      credentials: false,
      maxAge: 600,
      strictPreflight: false,
    });
  const { limits } = o.services;
  const openRateLimiter = o.openRateLimiter ?? ((_what, perMinute) => createMemoryRateLimiter({ perMinute }));
  const addressOf = o.addressOf ?? (({ socket }: IncomingMessage) => socket.remoteAddress ?? "");
  limitRequests(server, {
    perMinute: limits.requestsPerMinute,
    perMinutePerAddress: limits.requestsPerMinutePerAddress,
    openRateLimiter,
    addressOf,
    findCaller,
  });
  await registerOpenapi(server, o.version);

  const capabilityTokens = createCapabilityTokens(o.capabilities, () => o.services.clock.nowMs());
  const context: ApiContext = {
    services: o.services,
    webUrl: o.webUrl,
    ...(o.observer ? { observer: o.observer } : {}),
    authenticate: createAuthenticate({
      issuers: o.issuers,
      metadata: o.services.metadata,
      capabilityTokens,
      ids: o.services.ids,
      nowMs: () => o.services.clock.nowMs(),
      report: (issuer, error) => server.log.warn({ err: error, issuer }, "issuer gives no answer"),
      ...(o.protectedResource
        ? { resourceMetadataUrl: `${o.protectedResource.resource}${protectedResourcePath}` }
        : {}),
    }),
    capabilityTokens,
    sequenceSeal: createSequenceSeal(o.capabilities.key),
    fileListCursors: createFileListCursors(o.capabilities.key),
    limitCreates: createLimitCreates("creates", limits.createsPerMinute, openRateLimiter),
    limitParts: createLimitCreates("parts", limits.createsPerMinute, openRateLimiter),
    limitAccepts: createLimitAccepts(limits.acceptsPerMinute, openRateLimiter, addressOf),
  };
  uploadRoutes(server, context);
  fileRoutes(server, context);
  fileVersionRoutes(server, context);
  grantRoutes(server, context);
  fileAccessRoutes(server, context);
  fileInviteRoutes(server, context);
  inviteRoutes(server, context);
  peopleRoutes(server, context);
  albumRoutes(server, context);
  albumMemberRoutes(server, context);
  albumInviteRoutes(server, context);
  downloadRoutes(server, context);
  archiveRoutes(server, context);
  linkRoutes(server, context);
  tokenRoutes(server, context);
  meRoutes(server, context);
  auditRoutes(server, context);
  if (o.storeEvents) storeEventRoutes(server, context, o.storeEvents);
  if (o.protectedResource) protectedResourceRoute(server, o.protectedResource, o.issuers);
  healthRoutes(server, o.dependencies);
  if (o.metrics) metricsRoute(server, o.metrics);
  problemPage(server);
  server.get(
    "/openapi.json",
    {
      schema: {
        tags: ["operations"],
        summary: "This document",
        security: [],
        response: { 200: z.unknown() },
      },
    },
    async (_request, reply) => reply.header("cache-control", "public, max-age=60").send(server.swagger()),
  );
  return server;
}

/** What the parser of queries would take as it stands there: broken escapes, and such as are not UTF-8. */
function refusalOfQuery(url: string): ApiError | undefined {
  const start = url.indexOf("?");
  if (start === -1 || !url.includes("%", start)) return undefined;
  try {
    decodeURIComponent(url.slice(start));
    return undefined;
  } catch {
    const detail = "The query has a percent-encoding that is broken, or not UTF-8.";
    return new ApiError("validation-failed", detail, { errors: [{ pointer: "/query", detail }] });
  }
}

/** JSON in UTF-8, or nothing at all: `complete` and `urls` may come with a JSON content type and no body. */
function takeJson(server: ApiServer): void {
  server.removeContentTypeParser(["application/json", "text/plain"]);
  server.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, body.byteLength === 0 ? undefined : parseJson(body));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
