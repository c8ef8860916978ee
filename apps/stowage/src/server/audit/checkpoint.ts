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

/** What is signed: a JSON array of texts and whole numbers, which has one form (RFC 8785, section 3.2). The first ones had no extent. */
const signedText = ({ chain, number, hash, atMs, extent }: AuditCheckpoint): Buffer =>
  Buffer.from(
    JSON.stringify(
      extent
        ? ["stowage-audit-checkpoint-2", chain, number, hash, timeOf(atMs), extent.sequence, extent.count]
        : ["stowage-audit-checkpoint", chain, number, hash, timeOf(atMs)],
    ),
  );

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
  const { chain, number, hash, at, sequence, count, keyId, signature } = value as Readonly<
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
  return isCount(sequence) && isCount(count) ? { ...checkpoint, extent: { sequence, count } } : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
