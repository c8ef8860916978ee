import type { ListPosition } from "@stowage/core";
import { ApiError } from "../problems/api-error.ts";

/** Which list a cursor belongs to: one list's is refused by another. */
export type CursorKind = "uploads" | "files";

/** Opaque to clients; holds no secret: what it leads to is decided by the list's own policy. */
export const encodeCursor = (kind: CursorKind, { createdAtMs, id }: ListPosition): string =>
  Buffer.from(JSON.stringify([kind, createdAtMs, id])).toString("base64url");

/** @throws ApiError `validation-failed` for what this server did not give for this list */
export function decodeCursor(kind: CursorKind, cursor: string | undefined): ListPosition | undefined {
  if (cursor === undefined) return undefined;
  const position = parse(cursor);
  if (!position || position.kind !== kind)
    throw new ApiError("validation-failed", "/query/cursor: That is not a cursor of this list.", {
      errors: [{ pointer: "/query/cursor", detail: "That is not a cursor of this list." }],
    });
  return { createdAtMs: position.createdAtMs, id: position.id };
}

function parse(cursor: string): (ListPosition & { kind: string }) | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [kind, createdAtMs, id] = value as unknown[];
  return typeof kind === "string" &&
    Number.isSafeInteger(createdAtMs) &&
    typeof id === "string" &&
    id.length <= 64
    ? { kind, createdAtMs: createdAtMs as number, id }
    : undefined;
}
