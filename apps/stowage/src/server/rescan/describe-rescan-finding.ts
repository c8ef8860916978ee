import type { RescanFinding } from "@stowage/core";
import { escapeText } from "../../cli/escape-text.ts";

const reasons = {
  missing: "its object is missing (stowage reconcile)",
  unreadable: "its object can't be read (stowage reconcile --deep)",
  "too-large": "it is larger than the scanner takes",
  timeout: "the scanner did not answer in time",
  failed: "the scanner could not say what it is",
  unreachable: "the scanner can't be reached",
  aborted: "the scan was broken off",
} as const;

/** A finding as a line for people. */
export function describeRescanFinding(finding: RescanFinding): string {
  const { fileId, version, ownerId } = finding;
  const what = `file ${escapeText(fileId)} of ${escapeText(ownerId)}, version ${version}`;
  switch (finding.kind) {
    case "quarantined":
      return `quarantined: ${what}: ${escapeText(finding.finding)} (${escapeText(finding.scanner)})`;
    case "still-found":
      return `found again: ${what}: ${escapeText(finding.finding)} (${escapeText(finding.scanner)})`;
    case "clean-now":
      return `${finding.released ? "put back" : "clean now"}: ${what}`;
    case "not-scanned":
      return `not scanned: ${what}: ${reasons[finding.reason]}`;
  }
}
