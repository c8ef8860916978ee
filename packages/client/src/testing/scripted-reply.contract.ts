import { type Problem, type ProblemCode, problemSchema, problemStatuses } from "@stowage/protocol";

interface Schema {
  parse(value: unknown): unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** An answer of the API's, held to the schema that the contract has for it. */
export const jsonReply = (
  status: number,
  schema: Schema,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(schema.parse(value)),
});

export const problemOf = (code: ProblemCode, detail: string, more: Partial<Problem> = {}): Problem => ({
  type: `/docs/problems#${code}`,
  title: code,
  status: problemStatuses[code],
  detail,
  code,
  ...more,
});

export const problemReply = (
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
  items?: readonly unknown[],
): Reply => ({
  status: problem.status,
  headers: { "content-type": "application/problem+json; charset=utf-8", ...headers },
  body: JSON.stringify({ ...problemSchema.parse(problem), ...(items && { items }) }),
});

/** One failed item never fails its batch; all of them with one status do. */
export const batchReply = (
  status: number,
  schema: Schema,
  items: readonly { readonly upload?: unknown; readonly request?: unknown; readonly problem?: Problem }[],
): Reply => {
  const first = items[0]?.problem;
  schema.parse({ items });
  if (!first || !items.every(({ problem }) => problem?.status === first.status))
    return jsonReply(status, schema, { items });
  return problemReply(first, {}, items);
};
