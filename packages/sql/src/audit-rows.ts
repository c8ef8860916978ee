import type { AuditAction, AuditChainHead, AuditEventRecord } from "@stowage/core";

export interface AuditEventRow {
  sequence: number;
  at: number;
  actor: string;
  action: AuditAction;
  target_id: string;
  detail: string | null;
  sealed_by: string | null;
  chain: string | null;
  number: number | null;
  hash: Uint8Array | null;
}

export interface AuditChainRow {
  chain: string;
  number: number;
  hash: Uint8Array;
}

export const auditEventColumns =
  "sequence, at, actor, action, target_id, detail, sealed_by, chain, number, hash";

export function auditEventOf(row: AuditEventRow): AuditEventRecord {
  const { sequence, at, actor, action, target_id, detail, sealed_by, chain, number, hash } = row;
  return {
    sequence,
    atMs: at,
    actor,
    action,
    targetId: target_id,
    ...(detail === null ? {} : { detail }),
    ...(sealed_by === null ? {} : { sealedBy: sealed_by }),
    // A place that says not all has been tampered with: it is none.
    ...(number === null || chain === null || hash === null
      ? {}
      : { link: { chain, number, hash: hexOf(hash) } }),
  };
}

export const auditHeadOf = ({ chain, number, hash }: AuditChainRow): AuditChainHead => ({
  chain,
  number,
  hash: hexOf(hash),
});

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
