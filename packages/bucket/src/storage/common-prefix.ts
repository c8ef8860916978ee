/**
 * What a key is listed as under a delimiter: all of it up to and with the first one after `prefix`; `undefined` where
 * there is none, or the delimiter is empty, or the key is not under the prefix. Byte strings, or any.
 */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "" || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}
