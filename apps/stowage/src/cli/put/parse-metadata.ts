import { UsageError } from "../command.ts";

/**
 * `k=v` pairs as metadata; a value may contain `=`. What else the server wants of them it says itself.
 *
 * @throws UsageError
 */
export function parseMetadata(pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError(`--meta wants KEY=VALUE, not ${JSON.stringify(pair)}.`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`--meta ${twice} is given twice.`);
  return Object.fromEntries(entries);
}
