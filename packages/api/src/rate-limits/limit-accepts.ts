import type { IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { createAnnounceAllowance, rateLimited } from "./announce-allowance.ts";
import type { OpenRateLimiter } from "./rate-limiter.ts";

/**
 * Counts who asks to join, and refuses more than so many a minute from one address, and ten times as many by one invite.
 *
 * @param tokenHash of the invite by which somebody would join; undefined = the request can't make anybody join, whatever its token
 */
export type LimitAccepts = (
  request: FastifyRequest,
  reply: FastifyReply,
  tokenHash: string | undefined,
) => Promise<void>;

/** What one invite, which is everybody's, lets in, for each that one address may: a single address is never all that an invite has. */
const addressesPerInvite = 10;

/**
 * Whether there is such an invite plays no part: a refusal tells nothing of it. The address is counted first, so that what is refused to it costs the
 * invite nothing.
 *
 * @param perMinute of one address; 0 = no limit
 */
export function createLimitAccepts(
  perMinute: number,
  openRateLimiter: OpenRateLimiter,
  addressOf: (request: IncomingMessage) => string,
): LimitAccepts {
  if (perMinute === 0) return async () => undefined;
  const open = (what: "accepts" | "invites", most: number) => ({
    limiter: openRateLimiter(what, most),
    announce: createAnnounceAllowance(what, most),
  });
  const byAddress = open("accepts", perMinute);
  const byInvite = open("invites", perMinute * addressesPerInvite);
  const take = async (
    reply: FastifyReply,
    { limiter, announce }: ReturnType<typeof open>,
    key: string,
  ): Promise<void> => {
    const allowance = await limiter.take(key, 1);
    if (allowance.granted) return;
    announce(reply, allowance);
    throw rateLimited(
      allowance,
      (seconds) => `Too many are joining at once: try again in ${seconds} seconds.`,
    );
  };
  return async (request, reply, tokenHash) => {
    await take(reply, byAddress, addressOf(request.raw));
    if (tokenHash !== undefined) await take(reply, byInvite, tokenHash);
  };
}
