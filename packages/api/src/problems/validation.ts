import type { MemberError } from "@stowage/protocol";
import type { FastifySchemaCompiler } from "fastify";
import type { ZodType, core as zodCore } from "zod";
import { ApiError } from "./api-error.ts";

/** RFC 6901 section 3. */
export const escapePointerToken = (token: PropertyKey): string =>
  String(token).replaceAll("~", "~0").replaceAll("/", "~1");

/** Most bad members that one answer names. */
const maxErrors = 100;

const prefixes: ReadonlyMap<string, string> = new Map([
  ["querystring", "/query"],
  ["params", "/path"],
  ["headers", "/headers"],
]);

/** Each bad member with its JSON pointer; an unknown member is named itself, not the object that holds it. */
export function memberErrors(part: string, issues: readonly zodCore.$ZodIssue[]): MemberError[] {
  const base = prefixes.get(part) ?? "";
  return issues
    .flatMap((issue) => {
      const path = issue.path.map((token) => `/${escapePointerToken(token)}`).join("");
      if (issue.code === "unrecognized_keys")
        return issue.keys.map((key) => ({
          pointer: `${base}${path}/${escapePointerToken(key)}`,
          detail: `There is no member "${key}" here.`,
        }));
      if (issue.code === "invalid_key")
        return issue.issues.map(({ message }) => ({ pointer: `${base}${path}`, detail: message }));
      return [{ pointer: `${base}${path}`, detail: issue.message }];
    })
    .slice(0, maxErrors);
}

/** Validates with the route's zod schemas; answers `validation-failed` with a pointer for each bad member. */
export const zodValidatorCompiler: FastifySchemaCompiler<ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    const errors = memberErrors(httpPart ?? "body", result.error.issues);
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    return {
      error: new ApiError(
        "validation-failed",
        first ? `${first.pointer || "The body"}: ${first.detail}${more}` : "The request is not valid.",
        { errors },
      ),
    };
  };
