import type { FastifyReply } from "fastify";
import { ApiError } from "../problems/api-error.ts";
import { type Allowance, type RateLimited, windowMs } from "./rate-limiter.ts";

/** A sum of times that is off in its last bit makes no second more of a whole minute. */
const secondsUntil = ({ resetsInMs }: Allowance): number =>
  Math.max(1, Math.ceil(Math.floor(resetsInMs) / 1000));

/**
 * Says in `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers-10) what is left, before what other limits have said.
 *
 * @returns the policy's text, which is the same for every answer, and what says it
 */
export function createAnnounceAllowance(
  what: RateLimited,
  perMinute: number,
): (reply: FastifyReply, allowance: Allowance) => void {
  const policy = `"${what}";q=${perMinute};w=${windowMs / 1000}`;
  return (reply, allowance) => {
    const left = `"${what}";r=${allowance.remaining};t=${secondsUntil(allowance)}`;
    const said = reply.getHeader("ratelimit");
    reply.header(
      "ratelimit-policy",
      said === undefined ? policy : `${policy}, ${reply.getHeader("ratelimit-policy")}`,
    );
    reply.header("ratelimit", said === undefined ? left : `${left}, ${said}`);
  };
}

/** @param says why, from how many seconds there are to wait */
export function rateLimited(allowance: Allowance, says: (seconds: number) => string): ApiError {
  const seconds = secondsUntil(allowance);
  return new ApiError("rate-limited", says(seconds), { headers: { "retry-after": String(seconds) } });
}
