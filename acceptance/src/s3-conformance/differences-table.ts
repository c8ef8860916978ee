import type { Difference } from "./conformance-case.ts";

const countOf = ({ cases }: Difference): string => (cases.length === 1 ? "1 case" : `${cases.length} cases`);

/** A Markdown list of differences, for docs/s3.md. */
export const differencesTable = (differences: readonly Difference[]): string =>
  [
    "| what is different | of the suite |",
    "|---|---|",
    ...differences.map((difference) => `| ${difference.reason} | ${countOf(difference)} |`),
  ].join("\n");

const begin = (name: string): string =>
  `<!-- ${name}: written by acceptance/src/s3-conformance/write-docs.ts -->`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/** The document with what stands between the marks of `name` replaced. Throws where it has no such marks. */
export function replaceSection(document: string, name: string, content: string): string {
  const from = document.indexOf(begin(name));
  const to = document.indexOf(end(name));
  if (from < 0 || to < from) throw new Error(`The document has no marks of ${name}.`);
  return `${document.slice(0, from + begin(name).length)}\n${content}\n${document.slice(to)}`;
}
