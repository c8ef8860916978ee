import { ApiError } from "../problems/api-error.ts";

/** Where in a list a page begins: behind that item. */
export interface CursorPosition {
  readonly key: number | string;
  readonly id: string;
}

const separator = "\0";

/**
 * Opaque to clients, of lists of their own: it holds no secret and not whose list it is. What it leads to is decided by the list's own policy.
 *
 * @param list which list it belongs to: one list's is refused by another
 */
export const encodeCursor = (list: string, position: CursorPosition): string =>
  Buffer.from(`${list}${separator}${positionText(position)}`).toString("base64url");

/** @throws ApiError `validation-failed` for what this server did not give for this list */
export function decodeCursor(
  list: string,
  keyType: "number" | "string",
  cursor: string | undefined,
): CursorPosition | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith(`${list}${separator}`)) throw notOfThisList();
  return parsePosition(keyType, text.slice(list.length + separator.length));
}

export const positionText = ({ key, id }: CursorPosition): string =>
  [typeof key === "number" ? `=${key}` : key, id].join(separator);

/** @throws ApiError `validation-failed` for what {@link positionText} did not write */
export function parsePosition(keyType: "number" | "string", position: string): CursorPosition {
  const parts = position.split(separator);
  const [text = "", id = ""] = parts;
  const key = keyType === "string" ? text : Number(/^=(-?\d{1,16})$/.exec(text)?.[1]);
  if (parts.length !== 2 || id.length > 64 || (typeof key === "number" && !Number.isSafeInteger(key)))
    throw notOfThisList();
  return { key, id };
}

export const notOfThisList = (cause?: unknown): ApiError =>
  Object.assign(
    new ApiError("validation-failed", "/query/cursor: That is not a cursor of this list.", {
      errors: [{ pointer: "/query/cursor", detail: "That is not a cursor of this list." }],
    }),
    { cause },
  );
