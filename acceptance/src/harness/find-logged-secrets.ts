import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { shortestSecret } from "./run-record.ts";

export interface LoggedSecret {
  readonly what: string;
  readonly log: string;
  /** The line that it is in, cut to what a person needs to find its cause. */
  readonly line: string;
}

export interface SearchedRecord {
  readonly logs: number;
  readonly bytes: number;
  readonly secrets: number;
  readonly found: readonly LoggedSecret[];
}

/** In JSON, URLs and headers a secret may be written with escapes: what is looked for is its longest part without need of any. */
const plainPartOf = (secret: string): string =>
  (secret.match(/[A-Za-z0-9_-]+/g) ?? []).reduce(
    (longest, part) => (part.length > longest.length ? part : longest),
    "",
  );

/** Looks for everything secret of a run in all logs of that run. */
export function findLoggedSecrets(folder: string): SearchedRecord {
  const files = readdirSync(folder);
  const byHead = new Map<string, { readonly what: string; readonly part: string }[]>();
  const parts = new Set<string>();
  for (const file of files.filter((name) => name.startsWith("secrets-")))
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      if (line === "") continue;
      const { what, value } = JSON.parse(line) as { what: string; value: string };
      const part = plainPartOf(value);
      if (part.length < shortestSecret || parts.has(part)) continue;
      parts.add(part);
      const head = part.slice(0, shortestSecret);
      byHead.set(head, [...(byHead.get(head) ?? []), { what, part }]);
    }
  const found: LoggedSecret[] = [];
  const logs = files.filter((name) => name.endsWith(".log"));
  let bytes = 0;
  for (const log of logs) {
    const text = readFileSync(join(folder, log), "utf8");
    bytes += text.length;
    for (const line of text.split("\n"))
      for (let at = 0; at + shortestSecret <= line.length; at += 1)
        for (const { what, part } of byHead.get(line.slice(at, at + shortestSecret)) ?? [])
          if (line.startsWith(part, at)) found.push({ what, log, line: line.slice(0, 500) });
  }
  return { logs: logs.length, bytes, secrets: parts.size, found };
}
