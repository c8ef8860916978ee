import { ApiError } from "../problems/api-error.ts";

/** Where in a list a page begins: behind that item. */
export interface CursorPosition {
  readonly key: number | string;
  readonly id: string;
}

const separator = "\0";

/**
 * Opaque to clients; holds no secret and not whose list it is: what it leads to is decided by the list's own policy.
 *
 * @param list which list it belongs to: one list's is refused by another
 */
export const encodeCursor = (list: string, { key, id }: CursorPosition): string =>
  Buffer.from([list, typeof key === "number" ? `=${key}` : key, id].join(separator)).toString("base64url");

/** @throws ApiError `validation-failed` for what this server did not give for this list */
export function decodeCursor(
  list: string,
  keyType: "number" | "string",
  cursor: string | undefined,
): CursorPosition | undefined {
  if (cursor === undefined) return undefined;
  const parts = Buffer.from(cursor, "base64url").toString("utf8").split(separator);
  const [name, text = "", id = ""] = parts;
  const key = keyType === "string" ? text : Number(/^=(-?\d{1,16})$/.exec(text)?.[1]);
  if (
    parts.length !== 3 ||
    name !== list ||
    id.length > 64 ||
    (typeof key === "number" && !Number.isSafeInteger(key))
  )
    throw new ApiError("validation-failed", "/query/cursor: That is not a cursor of this list.", {
      errors: [{ pointer: "/query/cursor", detail: "That is not a cursor of this list." }],
    });
  return { key, id };
}
