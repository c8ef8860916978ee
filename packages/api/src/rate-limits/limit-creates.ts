import type { FastifyReply } from "fastify";
import { createAnnounceAllowance, rateLimited } from "./announce-allowance.ts";
import type { OpenRateLimiter } from "./rate-limiter.ts";

/** Counts what a principal asks for and refuses more than so many a minute. */
export type LimitCreates = (principalId: string, count: number, reply: FastifyReply) => Promise<void>;

/**
 * @param what is counted: files that are created, or parts whose requests are minted; each has an allowance of its own
 * @param perMinute 0 = no limit
 */
export function createLimitCreates(
  what: "creates" | "parts",
  perMinute: number,
  openRateLimiter: OpenRateLimiter,
): LimitCreates {
  if (perMinute === 0) return async () => undefined;
  const limiter = openRateLimiter(what, perMinute);
  const announce = createAnnounceAllowance(what, perMinute);
  const counted = what === "creates" ? "files" : "parts";
  return async (principalId, count, reply) => {
    const allowance = await limiter.take(principalId, count);
    announce(reply, allowance);
    if (allowance.granted) return;
    throw rateLimited(allowance, (seconds) =>
      count > perMinute
        ? `At most ${perMinute} ${counted} a minute: ask for fewer than these ${count} at once.`
        : `At most ${perMinute} ${counted} a minute: try again in ${seconds} seconds.`,
    );
  };
}
