/** RFC 9110 section 7.6.1, and `expect`: the proxy itself answers it. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
]);

type Pair = readonly [name: string, value: string];

/** Of a message's `rawHeaders`. */
export const pairsOf = (rawHeaders: readonly string[]): Pair[] =>
  Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? "",
    rawHeaders[2 * index + 1] ?? "",
  ]);

const isEndToEnd = ([name]: Pair): boolean => !hopByHop.has(name.toLowerCase());

/** Headers to send to the target, in `rawHeaders`' form, `Host` as the client wrote it or another. */
export function requestHeaders(rawHeaders: readonly string[], method: string, host?: string): string[] {
  const pairs = pairsOf(rawHeaders)
    .filter(isEndToEnd)
    .map(([name, value]): Pair => [name, name.toLowerCase() === "host" ? (host ?? value) : value]);
  const saysLength = pairs.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  // Node would announce chunks where a body is usual.
  if (!saysLength && /^(POST|PUT|PATCH)$/.test(method)) pairs.push(["content-length", "0"]);
  // A server that is told to close does so in the middle of a body that it answers early, and its answer is lost.
  pairs.push(["connection", "keep-alive"]);
  return pairs.flat();
}

/** Headers to answer the client with, in `rawHeaders`' form, `Date` shifted. */
export const answerHeaders = (rawHeaders: readonly string[], shiftSeconds: number): string[] =>
  pairsOf(rawHeaders)
    .filter(isEndToEnd)
    .flatMap(([name, value]) => [
      name,
      shiftSeconds !== 0 && name.toLowerCase() === "date" ? shifted(value, shiftSeconds) : value,
    ]);

const shifted = (date: string, seconds: number): string =>
  new Date(Date.parse(date) + seconds * 1000).toUTCString();
