import type { AuditAction, AuditChainHead, AuditEventRecord } from "@stowage/core";

/** The first line of an export: where in the log it begins. */
export interface AuditExportStart {
  /** The sequence before its first event. */
  readonly sequence: number;
  /** The last event of each chain up to there. */
  readonly heads: readonly AuditChainHead[];
}

const format = 1;

export const exportStartLine = ({ sequence, heads }: AuditExportStart): string =>
  JSON.stringify({ stowageAudit: format, after: sequence, heads });

/** One event as a line of JSON; its detail as the text that is hashed. */
export const exportLine = ({ atMs, link, ...event }: AuditEventRecord): string =>
  JSON.stringify({ ...event, at: new Date(atMs).toISOString(), ...link });

/** `undefined` for what is no such line. */
export function parseExportStart(line: string): AuditExportStart | undefined {
  const { stowageAudit, after, heads } = membersOf(line) ?? {};
  if (stowageAudit !== format || !isCount(after) || !Array.isArray(heads)) return undefined;
  return heads.every(isLink)
    ? { sequence: after, heads: heads.map(({ chain, number, hash }) => ({ chain, number, hash })) }
    : undefined;
}

/** `undefined` for what is no such line. */
export function parseExportLine(line: string): AuditEventRecord | undefined {
  const members = membersOf(line);
  if (!members) return undefined;
  const { sequence, at, actor, action, targetId, detail, sealedBy } = members;
  const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (
    !isCount(sequence) ||
    Number.isNaN(atMs) ||
    typeof actor !== "string" ||
    typeof action !== "string" ||
    typeof targetId !== "string" ||
    (detail !== undefined && typeof detail !== "string") ||
    (sealedBy !== undefined && typeof sealedBy !== "string")
  )
    return undefined;
  const event = {
    sequence,
    atMs,
    actor,
    action: action as AuditAction,
    targetId,
    ...(detail === undefined ? {} : { detail }),
    ...(sealedBy === undefined ? {} : { sealedBy }),
  };
  if (members.number === undefined) return event;
  if (!isLink(members)) return undefined;
  const { chain, number, hash } = members;
  return { ...event, link: { chain, number, hash } };
}

function membersOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Whoever asks says which line it is.
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isLink(value: unknown): value is AuditChainHead {
  if (typeof value !== "object" || value === null) return false;
  const { chain, number, hash } = value as Readonly<Record<string, unknown>>;
  return typeof chain === "string" && isCount(number) && typeof hash === "string";
}
