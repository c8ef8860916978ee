import type { Answer } from "./api-client.ts";
import { type Json, misfits, resolveRef } from "./json-schema.ts";

const methods: ReadonlySet<string> = new Set(["get", "put", "post", "patch", "delete", "head"]);

/** The operations of an OpenAPI document: `GET /v1/files/{id}` → what it says of it. */
export const operationsOf = (document: Json): Map<string, Json> =>
  new Map(
    Object.entries((document.paths ?? {}) as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => methods.has(method))
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    ),
  );

/** An operation's answer of that status, or its default one. */
function documentedAnswer(document: Json, operation: Json | undefined, status: number): Json | undefined {
  const responses = operation?.responses as Record<string, Json> | undefined;
  const found = [String(status), `${String(status)[0]}XX`, "default"]
    .map((key) => (responses && Object.hasOwn(responses, key) ? responses[key] : undefined))
    .find((one) => one !== undefined);
  return found && resolveRef(document, found);
}

/** How an answer differs from what the document says of it; nothing where it doesn't. */
export function undocumentedIn(document: Json, operation: string, answer: Answer): string[] {
  const what = `${operation} ${answer.status}`;
  const documented = documentedAnswer(document, operationsOf(document).get(operation), answer.status);
  if (!documented) return [`${what}: is not documented`];
  if (answer.text === "") return [];
  const content = (documented.content ?? {}) as Record<string, { schema?: Json }>;
  const type = (answer.headers.get("content-type") ?? "").replace(/;.*/, "");
  const schema = content[type]?.schema;
  if (!schema) return [`${what}: has no schema as ${type}`];
  const said = /json$/.test(type) ? answer.body : answer.text;
  return misfits(document, schema, said).map((misfit) => `${what} ${misfit}`);
}
