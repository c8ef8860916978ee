const keyPattern = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/;
const prefixPattern = /^[a-z0-9/-]*$/;

/** S3's longest key, in bytes. */
const longestKey = 1024;

/**
 * Only keys that the server makes reach a URL: nothing that a parser rewrites, encodes or reads in two ways.
 *
 * @throws TypeError
 */
export function assertObjectKey(key: string): void {
  if (!keyPattern.test(key) || key.length > longestKey)
    throw new TypeError(`not a key that the server makes: ${JSON.stringify(key.slice(0, 100))}`);
}

/**
 * The start of such keys, possibly empty or within a name.
 *
 * @throws TypeError
 */
export function assertKeyPrefix(prefix: string): void {
  if (!prefixPattern.test(prefix) || prefix.length > longestKey)
    throw new TypeError(`not a prefix of the server's keys: ${JSON.stringify(prefix.slice(0, 100))}`);
}
