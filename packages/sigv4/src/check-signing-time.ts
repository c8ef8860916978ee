import { SignatureRefusedError } from "./signature-refused-error.ts";

/**
 * Throws SignatureRefusedError where a date lies more than `maxSkewMs` ahead of `nowMs`, where a URL's
 * `expiresAt` has come, or where a request without one was signed more than `maxSkewMs` ago. A clock that
 * gives no number refuses everything.
 */
export function checkSigningTime(
  nowMs: number,
  signedAt: Date,
  expiresAt: Date | undefined,
  maxSkewMs: number,
  expiredMessage = "Request has expired",
): void {
  const aheadMs = signedAt.getTime() - nowMs;
  if (!(aheadMs <= maxSkewMs && (expiresAt !== undefined || -aheadMs <= maxSkewMs))) {
    throw new SignatureRefusedError(
      "RequestTimeTooSkewed",
      "The difference between the request time and the server's time is too large.",
    );
  }
  if (expiresAt !== undefined && nowMs >= expiresAt.getTime()) {
    throw new SignatureRefusedError("AccessDenied", expiredMessage);
  }
}
