import { isLoopbackHost } from "./loopback.ts";

export interface SiteOrigins {
  /** Where people reach the page. */
  readonly publicUrl: string;
  /** Where the page sends bytes to and shows pictures from. */
  readonly bucketUrl: string;
}

/** A year: browsers then ask for nothing of this host without TLS. Its subdomains are none of our business. */
const strictTransportSecurity = "max-age=31536000";

/** Of the page's policy that makes that address (apps/web, register-worker.ts). */
const workerPolicyName = "stowage-worker";

/**
 * What the page may do (CSP Level 3): run and style itself from its own origin, talk to its server and to the bucket,
 * and nothing else. `data:` is for the blurred stand-ins that the page computes, `blob:` for pictures that it keeps on this device; the bucket may be framed because a
 * download in a hidden frame is one that can never lead the page away. No string becomes markup or script (Trusted Types),
 * but for the address of the one service worker.
 */
export const contentSecurityPolicy = (bucketUrl: string): string => {
  const bucket = new URL(bucketUrl).origin;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob: ${bucket}`,
    `media-src ${bucket}`,
    `connect-src 'self' ${bucket}`,
    `frame-src ${bucket}`,
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "worker-src 'self'",
    `trusted-types ${workerPolicyName}`,
  ].join("; ");
};

/** Elsewhere browsers ignore an opener policy, and complain of it on the console (HTML Standard, Secure Contexts). */
const isTrustworthy = (publicUrl: string): boolean => {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === "https:" || isLoopbackHost(hostname);
};

/** Headers that the page goes out with. */
export const pageHeaders = ({ publicUrl, bucketUrl }: SiteOrigins): Readonly<Record<string, string>> => ({
  "content-security-policy": contentSecurityPolicy(bucketUrl),
  ...(isTrustworthy(publicUrl) && { "cross-origin-opener-policy": "same-origin" }),
  "permissions-policy":
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()",
  // Asked for anew each time: it names the assets of the version that runs.
  "cache-control": "no-cache",
  ...everywhere(publicUrl),
});

/** Headers that assets go out with. */
export const assetHeaders = ({ publicUrl }: SiteOrigins): Readonly<Record<string, string>> => ({
  "cache-control": "public, max-age=31536000, immutable",
  vary: "accept-encoding",
  ...everywhere(publicUrl),
});

/** Headers that the service worker goes out with: it may talk to its server and to the bucket, and load nothing. */
export const workerHeaders = ({ publicUrl, bucketUrl }: SiteOrigins): Readonly<Record<string, string>> => ({
  "content-security-policy": `default-src 'none'; connect-src 'self' ${new URL(bucketUrl).origin}`,
  "cache-control": "no-cache",
  ...everywhere(publicUrl),
});

const everywhere = (publicUrl: string) => ({
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  ...(publicUrl.startsWith("https:") && { "strict-transport-security": strictTransportSecurity }),
});
