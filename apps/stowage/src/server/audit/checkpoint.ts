import { createHash, type KeyObject, sign, verify } from "node:crypto";
import type { AuditChainHead, AuditCheckpoint, AuditExtent } from "@stowage/core";

/** A checkpoint that the server signed, as it stands in a line of the checkpoints' file. */
export interface SignedCheckpoint extends AuditCheckpoint {
  /** {@link keyIdOf} the key that verifies it. */
  readonly keyId: string;
  /** Ed25519 (RFC 8032), base64url. */
  readonly signature: string;
}

/** Which key it is: the first 16 hex digits of the SHA-256 of its SubjectPublicKeyInfo (RFC 5280, section 4.1). */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash("sha256")
    .update(publicKey.export({ format: "der", type: "spki" }))
    .digest("hex")
    .slice(0, 16);

/** What is signed: a JSON array of texts and whole numbers, which has one form (RFC 8785, section 3.2). The first ones had no extent, later ones less of it. */
function signedText({ chain, number, hash, atMs, extent }: AuditCheckpoint): Buffer {
  const link = [chain, number, hash, timeOf(atMs)];
  return Buffer.from(JSON.stringify(withExtent(link, extent)));
}

function withExtent(link: readonly (string | number)[], extent: AuditExtent | undefined) {
  if (!extent) return ["stowage-audit-checkpoint", ...link];
  const { sequence, count, sealsHashedAt } = extent;
  return sealsHashedAt === undefined
    ? ["stowage-audit-checkpoint-2", ...link, sequence, count]
    : ["stowage-audit-checkpoint-3", ...link, sequence, count, sealsHashedAt];
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

export interface CheckpointKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function signCheckpoint(
  { privateKey, publicKey }: CheckpointKey,
  { chain, number, hash }: AuditChainHead,
  { atMs, extent }: { readonly atMs: number; readonly extent: AuditExtent },
): SignedCheckpoint {
  const checkpoint = { chain, number, hash, atMs, extent };
  const signature = sign(null, signedText(checkpoint), privateKey).toString("base64url");
  return { ...checkpoint, keyId: keyIdOf(publicKey), signature };
}

export const isSignedBy = (publicKey: KeyObject, checkpoint: SignedCheckpoint): boolean =>
  verify(null, signedText(checkpoint), publicKey, Buffer.from(checkpoint.signature, "base64url"));

/** One line of JSON, without its end. */
export const checkpointLine = ({ atMs, extent, keyId, signature, ...link }: SignedCheckpoint): string =>
  JSON.stringify({ ...link, at: timeOf(atMs), ...extent, keyId, signature });

/** `undefined` for what is no such line: one that a power cut tore, maybe. */
export function parseCheckpointLine(line: string): SignedCheckpoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { chain, number, hash, at, sequence, count, sealsHashedAt, keyId, signature } = value as Readonly<
    Record<string, unknown>
  >;
  const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (
    typeof chain !== "string" ||
    typeof number !== "number" ||
    !Number.isSafeInteger(number) ||
    number < 1 ||
    typeof hash !== "string" ||
    !/^[0-9a-f]{64}$/.test(hash) ||
    Number.isNaN(atMs) ||
    typeof keyId !== "string" ||
    typeof signature !== "string"
  )
    return undefined;
  const checkpoint = { chain, number, hash, atMs, keyId, signature };
  if (sequence === undefined && count === undefined) return checkpoint;
  if (!isCount(sequence) || !isCount(count)) return undefined;
  const extent = { sequence, count };
  if (sealsHashedAt === undefined) return { ...checkpoint, extent };
  return isCount(sealsHashedAt) ? { ...checkpoint, extent: { ...extent, sealsHashedAt } } : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
