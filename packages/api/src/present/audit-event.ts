import type { AuditEventRecord } from "@stowage/core";
import type { AuditEvent } from "@stowage/protocol";
import { timestamp } from "./upload.ts";

export function presentAuditEvent({
  sequence,
  atMs,
  actor,
  action,
  targetId,
  detail,
}: AuditEventRecord): AuditEvent {
  return {
    sequence,
    at: timestamp(atMs),
    actor,
    action,
    targetId,
    ...(detail === undefined ? {} : { detail: JSON.parse(detail) as Record<string, unknown> }),
  };
}
