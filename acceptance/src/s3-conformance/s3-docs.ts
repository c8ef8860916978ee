import { join } from "node:path";
import { checkoutDir } from "../harness/run-cli.ts";
import { allGroups } from "./all-groups.ts";
import { cephDifferences } from "./ceph-differences.ts";
import { differencesTable, replaceSection } from "./differences-table.ts";
import { embeddedDifferences } from "./embedded-differences.ts";

export const s3DocsFile = join(checkoutDir, "docs", "s3.md");

const suiteTable = (): string =>
  [
    "| operation | cases |",
    "|---|---|",
    ...allGroups.map(({ operation, cases }) => `| ${operation} | ${cases.length} |`),
    `| together | ${allGroups.reduce((sum, { cases }) => sum + cases.length, 0)} |`,
  ].join("\n");

/** docs/s3.md with the sections that the suite's declarations make. */
export function withSuiteSections(document: string): string {
  const embedded = replaceSection(document, "embedded", differencesTable(embeddedDifferences));
  const mattering = cephDifferences.filter(({ matters }) => matters === true);
  return replaceSection(replaceSection(embedded, "ceph", differencesTable(mattering)), "suite", suiteTable());
}
