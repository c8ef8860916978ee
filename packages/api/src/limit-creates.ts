import type { FastifyReply } from "fastify";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { ApiError } from "./problems/api-error.ts";

/** Counts files created by a principal and refuses more than `perMinute` (0 = no limit). */
export type LimitCreates = (principalId: string, files: number, reply: FastifyReply) => Promise<void>;

const windowSeconds = 60;

/** Says in `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers-10) what is left. */
export function createLimitCreates(perMinute: number): LimitCreates {
  if (perMinute === 0) return async () => undefined;
  const limiter = new RateLimiterMemory({ points: perMinute, duration: windowSeconds });
  const announce = (reply: FastifyReply, { remainingPoints, msBeforeNext }: RateLimiterRes): number => {
    const resetSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    reply.header("ratelimit-policy", `"creates";q=${perMinute};w=${windowSeconds}`);
    reply.header("ratelimit", `"creates";r=${Math.max(0, remainingPoints)};t=${resetSeconds}`);
    return resetSeconds;
  };
  return async (principalId, files, reply) => {
    try {
      announce(reply, await limiter.consume(principalId, files));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      // What was refused has not been made, and spends nothing.
      await limiter.reward(principalId, files);
      const resetSeconds = announce(reply, error);
      throw new ApiError(
        "rate-limited",
        files > perMinute
          ? `At most ${perMinute} files a minute: announce fewer than these ${files} at once.`
          : `At most ${perMinute} files a minute: try again in ${resetSeconds} seconds.`,
        { headers: { "retry-after": String(resetSeconds) } },
      );
    }
  };
}
