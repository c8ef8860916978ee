import type { AuditEventRecord } from "@stowage/core";
import type { AuditEvent } from "@stowage/protocol";
import type { SequenceSeal } from "./seal-sequence.ts";
import { timestamp } from "./upload.ts";

export function presentAuditEvent(
  { sequence, atMs, actor, action, targetId, detail }: AuditEventRecord,
  { idOf }: SequenceSeal,
): AuditEvent {
  return {
    id: idOf(sequence),
    at: timestamp(atMs),
    actor,
    action,
    targetId,
    ...(detail === undefined ? {} : { detail: JSON.parse(detail) as Record<string, unknown> }),
  };
}
