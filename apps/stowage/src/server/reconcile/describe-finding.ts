import type { Counters, Finding } from "@stowage/core";
import { formatSize } from "../../cli/terminal/format-size.ts";

const labelWidth = 10;

const lines = (label: string, first: string, ...rest: readonly string[]): string =>
  [label.padEnd(labelWidth) + first, ...rest.map((each) => " ".repeat(labelWidth) + each)].join("\n");

const counted = ({ usedBytes, reservedBytes, usedFiles, openUploads }: Counters): string =>
  `${usedBytes} bytes used, ${reservedBytes} reserved, ${usedFiles} files, ${openUploads} uploads open`;

const wrong = {
  missing: "Its object is not in the bucket.",
  unreadable: "The bucket can't give it out whole: it is damaged, and is not served.",
  "digest-differs": "These are other bytes than those that were verified.",
} as const;

/** A finding for people: what, of which file, and under which key to look. */
export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case "orphan":
      return lines(
        finding.mended ? "removed" : "orphan",
        `${finding.key}  (${formatSize(finding.sizeBytes)})`,
      );
    case "orphan-multipart":
      return lines(
        finding.mended ? "aborted" : "orphan",
        `a multipart upload of ${new Date(finding.initiatedAtMs).toISOString()}`,
        `to ${finding.key}`,
      );
    case "overdue":
      return lines(
        finding.mended ? "removed" : "overdue",
        `${finding.objects}${finding.objects === 1000 ? " or more" : ""} objects that were due since ${new Date(finding.oldestDueMs).toISOString()}`,
      );
    case "counters-differ":
      return lines(
        finding.mended ? "recounted" : "counters",
        `person ${finding.principalId}`,
        `stood at ${counted(finding.recorded)}`,
        `rows say ${counted(finding.counted)}`,
      );
    case "organisation-counters-differ":
      return lines(
        finding.mended ? "recounted" : "counters",
        `organisation ${finding.organisationId}`,
        `stood at ${counted(finding.recorded)}`,
        `its people have ${counted(finding.counted)}`,
      );
    case "lists-differ":
      return lines(
        finding.mended ? "relisted" : "lists",
        `file ${finding.fileId}`,
        "It was listed or shown otherwise than its row says.",
        `owner ${finding.ownerId}`,
      );
    case "album-count-differs":
      return lines(
        finding.mended ? "recounted" : "counters",
        `album ${finding.albumId}`,
        `stood at ${finding.recorded} files, rows say ${finding.counted}`,
      );
    case "missing":
    case "size-differs":
    case "unreadable":
    case "digest-differs":
      return lines(
        finding.kind === "missing" ? "MISSING" : "DAMAGED",
        `file ${finding.fileId}, version ${finding.version}${finding.derivative === undefined ? "" : `, its ${finding.derivative}`}`,
        finding.kind === "size-differs"
          ? `It has ${finding.storedSizeBytes} bytes, and should have ${finding.recordedSizeBytes}.`
          : wrong[finding.kind],
        `owner ${finding.ownerId}`,
        `key ${finding.key}`,
      );
  }
}
