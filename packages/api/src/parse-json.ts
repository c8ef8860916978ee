import { isUtf8 } from "node:buffer";
import { ApiError } from "./problems/api-error.ts";
import { escapePointerToken } from "./problems/validation.ts";

/** The one name that copying members by assignment would lose, and turn into a prototype. */
const unsafeName = "__proto__";

/**
 * Reads a body as JSON (RFC 8259: UTF-8).
 *
 * @throws ApiError `malformed-json`; `validation-failed` for a member called `__proto__`, wherever it is
 */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new ApiError("malformed-json", "The body is not UTF-8.");
  const text = body.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ApiError("malformed-json", "The body is not valid JSON.", { cause });
  }
  // Looked for only where the text can contain it, spelt out or with escapes.
  if (text.includes(unsafeName) || text.includes("\\u")) refuseUnsafeNames(value, "");
  return value;
}

/** No request of the API's is nested deeper than a handful of levels. */
const maxDepth = 64;

function refuseUnsafeNames(value: unknown, pointer: string, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > maxDepth)
    throw new ApiError("validation-failed", `The body is nested deeper than ${maxDepth} levels.`);
  for (const [name, member] of Object.entries(value)) {
    const at = `${pointer}/${escapePointerToken(name)}`;
    if (name === unsafeName) {
      const detail = `No member may be called "${unsafeName}".`;
      throw new ApiError("validation-failed", `${at}: ${detail}`, { errors: [{ pointer: at, detail }] });
    }
    refuseUnsafeNames(member, at, depth + 1);
  }
}
