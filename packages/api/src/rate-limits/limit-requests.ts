import type { IncomingMessage } from "node:http";
import { anonymousId, type Principal } from "@stowage/core";
import type { FastifyRequest } from "fastify";
import type { ApiServer } from "../api-context.ts";
import { createAnnounceAllowance, rateLimited } from "./announce-allowance.ts";
import { type OpenRateLimiter, whenTaken } from "./rate-limiter.ts";

export interface RequestLimits {
  /** Of one principal, of a link's callers at each address; 0 = none. */
  readonly perMinute: number;
  /** Of one address, whoever it is and whatever becomes of them; 0 = none. */
  readonly perMinutePerAddress: number;
  readonly openRateLimiter: OpenRateLimiter;
  /** What a request's sender is counted by: an address, or a block of them that one client has. */
  addressOf(request: IncomingMessage): string;
  /** Who sends a request, where that is known. */
  findCaller(request: FastifyRequest): Principal | undefined;
}

/** What asks these has no limit: supervisors and scrapers, and the store, which has its own secret. */
const unlimitedPaths: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics", "/v1/store-events"]);

/** How often it is logged that an address is refused. */
const tellEveryMs = 60_000;

/**
 * Refuses more requests a minute than may be: those of an address before anything else is looked at, tokens least of all, and those
 * of a principal once it is known who that is, before the body is read. Hooks with a callback, and no promise for what memory counts.
 */
export function limitRequests(server: ApiServer, limits: RequestLimits): void {
  if (limits.perMinutePerAddress > 0) limitAddresses(server, limits);
  if (limits.perMinute > 0) limitPrincipals(server, limits);
}

function limitAddresses(
  server: ApiServer,
  { perMinutePerAddress: perMinute, openRateLimiter, addressOf }: RequestLimits,
): void {
  const limiter = openRateLimiter("addresses", perMinute);
  const announce = createAnnounceAllowance("addresses", perMinute);
  let tellAgainAtMs = 0;
  server.addHook("onRequest", (request, reply, done) => {
    if (unlimitedPaths.has(pathOf(request.url))) return done();
    const address = addressOf(request.raw);
    whenTaken(limiter.take(address, 1), (allowance) => {
      if (allowance.granted) return done();
      announce(reply, allowance);
      const nowMs = performance.now();
      if (nowMs >= tellAgainAtMs) {
        tellAgainAtMs = nowMs + tellEveryMs;
        request.log.warn({ address }, "requests of an address are refused: they are too many");
      }
      done(
        rateLimited(
          allowance,
          (seconds) =>
            `At most ${perMinute} requests a minute from one address: try again in ${seconds} seconds.`,
        ),
      );
    });
  });
}

function limitPrincipals(
  server: ApiServer,
  { perMinute, openRateLimiter, addressOf, findCaller }: RequestLimits,
): void {
  const limiter = openRateLimiter("requests", perMinute);
  const announce = createAnnounceAllowance("requests", perMinute);
  // After every onRequest hook, whichever of them it is that finds out who asks.
  server.addHook("preParsing", (request, reply, _payload, done) => {
    const caller = findCaller(request);
    // Of nobody's requests the address alone counts: else all who have no token would share one allowance.
    if (caller === undefined || caller.id === anonymousId) return done();
    const isLink = caller.capability?.kind === "link";
    // A link is many people's: one of them must not use up what all of them have.
    const key = isLink ? `${caller.id} ${addressOf(request.raw)}` : caller.id;
    whenTaken(limiter.take(key, 1), (allowance) => {
      announce(reply, allowance);
      if (allowance.granted) return done();
      done(
        rateLimited(
          allowance,
          (seconds) => `At most ${perMinute} requests a minute: try again in ${seconds} seconds.`,
        ),
      );
    });
  });
}

function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}
