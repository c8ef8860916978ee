import type { ClientOptions, FileSource } from "./ports.ts";

type Checked = Pick<
  ClientOptions<FileSource>,
  "concurrency" | "maxAttempts" | "requestTimeoutMs" | "idleTimeoutMs"
>;

/** Of a timer, about 24 days: above it platforms wait no time at all. */
const longestMs = 2_147_483_647;

/**
 * Options that would only show in what never happens.
 *
 * @throws RangeError that names the option
 */
export function checkOptions({
  concurrency = 1,
  maxAttempts = 1,
  requestTimeoutMs = 1,
  idleTimeoutMs = 1,
}: { readonly [Name in keyof Checked]: Checked[Name] | undefined }): void {
  const { min, max } = typeof concurrency === "number" ? { min: concurrency, max: concurrency } : concurrency;
  const check = (name: string, least: number, value: number, most: number) => {
    if (!(value >= least && value <= most))
      throw new RangeError(`${name} is ${value}, and must be ${least} to ${most}.`);
  };
  check("concurrency", 1, min, 64);
  check("concurrency", min, max, 64);
  check("maxAttempts", 1, maxAttempts, Number.POSITIVE_INFINITY);
  check("requestTimeoutMs", 1, requestTimeoutMs, longestMs);
  check("idleTimeoutMs", 1, idleTimeoutMs, longestMs);
}
