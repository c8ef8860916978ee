import type { FastifyReply } from "fastify";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { ApiError } from "./problems/api-error.ts";

/** Counts what a principal asks for and refuses more than so many a minute. */
export type LimitCreates = (principalId: string, count: number, reply: FastifyReply) => Promise<void>;

const windowSeconds = 60;

/**
 * Says in `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers-10) what is left.
 *
 * @param what is counted: files that are created, or parts whose requests are minted; each has an allowance of its own
 * @param perMinute 0 = no limit
 */
export function createLimitCreates(what: "creates" | "parts", perMinute: number): LimitCreates {
  if (perMinute === 0) return async () => undefined;
  const limiter = new RateLimiterMemory({ points: perMinute, duration: windowSeconds });
  const announce = (reply: FastifyReply, { remainingPoints, msBeforeNext }: RateLimiterRes): number => {
    const resetSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    reply.header("ratelimit-policy", `"${what}";q=${perMinute};w=${windowSeconds}`);
    reply.header("ratelimit", `"${what}";r=${Math.max(0, remainingPoints)};t=${resetSeconds}`);
    return resetSeconds;
  };
  const counted = what === "creates" ? "files" : "parts";
  return async (principalId, count, reply) => {
    try {
      announce(reply, await limiter.consume(principalId, count));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      // What was refused has not been made, and spends nothing.
      await limiter.reward(principalId, count);
      const resetSeconds = announce(reply, error);
      throw new ApiError(
        "rate-limited",
        count > perMinute
          ? `At most ${perMinute} ${counted} a minute: ask for fewer than these ${count} at once.`
          : `At most ${perMinute} ${counted} a minute: try again in ${resetSeconds} seconds.`,
        { headers: { "retry-after": String(resetSeconds) } },
      );
    }
  };
}
