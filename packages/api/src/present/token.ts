import type { DelegationRecord } from "@stowage/core";
import { delegableScopes, type Token } from "@stowage/protocol";
import { timestamp } from "./upload.ts";

/** A token as the person sees it who minted it: itself is not among what is known of it. */
export const presentToken = (
  { id, scopes, bounds, sentFiles, sentBytes, createdAtMs, endsAtMs }: DelegationRecord,
  nowMs: number,
): Token => ({
  id,
  scopes: delegableScopes.filter((scope) => scopes.includes(scope)),
  ...bounds,
  sentFiles,
  sentBytes,
  createdAt: timestamp(createdAtMs),
  expiresAt: timestamp(endsAtMs),
  expiresInSeconds: Math.max(0, Math.floor((endsAtMs - nowMs) / 1000)),
});
