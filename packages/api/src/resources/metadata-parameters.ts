import { type MemberError, metadataSchema } from "@stowage/protocol";
import type { FastifyRequest } from "fastify";
import { ApiError } from "../problems/api-error.ts";
import { memberErrors } from "../problems/validation.ts";

const prefix = "metadata.";

/**
 * Gathers the parameters `metadata.KEY=VALUE` in one member `metadata`, before the query is validated.
 *
 * @throws ApiError `validation-failed` where a key or value is none that metadata may have
 */
export async function gatherMetadata(request: FastifyRequest): Promise<void> {
  const named = Object.entries(request.query as Record<string, unknown>);
  const pairs = named.filter(([name]) => name.startsWith(prefix));
  if (pairs.length === 0) return;
  const metadata = Object.fromEntries(pairs.map(([name, value]) => [name.slice(prefix.length), value]));
  const result = metadataSchema.safeParse(metadata);
  // The library passes over a member `__proto__` in silence.
  const lost = Object.keys(metadata).find((name) => result.success && !Object.hasOwn(result.data, name));
  const errors = result.success
    ? [lost].flatMap((name) => (name === undefined ? [] : notAKey(name)))
    : memberErrors("querystring", result.error.issues).map(({ pointer, detail }) => ({
        pointer: pointer.replace("/query/", `/query/${prefix}`),
        detail,
      }));
  const [first] = errors;
  if (first) throw new ApiError("validation-failed", `${first.pointer}: ${first.detail}`, { errors });
  request.query = Object.fromEntries([
    ...named.filter(([name]) => !name.startsWith(prefix)),
    ["metadata", metadata],
  ]);
}

const notAKey = (name: string): MemberError => ({
  pointer: `/query/${prefix}${name}`,
  detail: "That is not a key that metadata can have.",
});
