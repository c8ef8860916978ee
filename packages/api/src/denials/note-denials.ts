import type { ProblemCode } from "@stowage/protocol";
import type { FastifyRequest } from "fastify";

/** Why somebody was kept from something. What does not exist and what may not be seen are one, as in the answer. */
export type DenialKind = "unauthenticated" | "forbidden" | "not-found";

const kinds: ReadonlyMap<ProblemCode, DenialKind> = new Map([
  ["unauthenticated", "unauthenticated"],
  ["insufficient-scope", "forbidden"],
  ["forbidden", "forbidden"],
  ["not-found", "not-found"],
]);

const noted = new WeakMap<FastifyRequest, Map<DenialKind, number>>();

/** Notes what is about to be answered: one problem, or those of a batch's items. Most answers have none, and cost nothing. */
export function noteDenials(request: FastifyRequest, codes: readonly ProblemCode[]): void {
  for (const code of codes) {
    const kind = kinds.get(code);
    if (kind === undefined) continue;
    const counts = noted.get(request) ?? new Map<DenialKind, number>();
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    noted.set(request, counts);
  }
}

export const denialsOf = (request: FastifyRequest): ReadonlyMap<DenialKind, number> | undefined =>
  noted.get(request);
