import type { IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { createAnnounceAllowance, rateLimited } from "./announce-allowance.ts";
import type { OpenRateLimiter } from "./rate-limiter.ts";

/** Counts who would join by an invite, and refuses more than so many a minute from one address, and by one invite. */
export type LimitAccepts = (request: FastifyRequest, reply: FastifyReply, tokenHash: string) => Promise<void>;

/**
 * Whether there is such an invite plays no part: a refusal tells nothing of it. The address is counted first, so that one address can't use up an
 * invite's allowance, which is everybody's.
 *
 * @param perMinute 0 = no limit
 */
export function createLimitAccepts(
  perMinute: number,
  openRateLimiter: OpenRateLimiter,
  addressOf: (request: IncomingMessage) => string,
): LimitAccepts {
  if (perMinute === 0) return async () => undefined;
  const limiter = openRateLimiter("accepts", perMinute);
  const announce = createAnnounceAllowance("accepts", perMinute);
  return async (request, reply, tokenHash) => {
    for (const key of [`address ${addressOf(request.raw)}`, `invite ${tokenHash}`]) {
      const allowance = await limiter.take(key, 1);
      if (allowance.granted) continue;
      announce(reply, allowance);
      throw rateLimited(
        allowance,
        (seconds) => `Too many are joining at once: try again in ${seconds} seconds.`,
      );
    }
  };
}
