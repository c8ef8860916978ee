import { type Json, resolveRef } from "../harness/json-schema.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { allWords, bendValue, naughtyValue, validValue, type Words } from "./generate-value.ts";

export interface GeneratedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: without a body. */
  readonly json?: unknown;
  /** The known words in its path and its body. */
  readonly names: readonly string[];
}

const asWord = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).toWellFormed();

const headerWords = ["*", '"1"', '"2"', 'W/"1"', "1", '"', '"1", "2"', "garbage"];

/** A request for an operation as the document describes it: right, nearly right, or wrong. */
export function generateRequest(
  document: Json,
  [name, operation]: readonly [string, Json],
  random: SeededRandom,
  words: Words,
): GeneratedRequest {
  const [method = "", template = ""] = name.split(" ");
  const kind = random.pickWeighted({ valid: 55, bent: 35, naughty: 10 });
  const value = (schema: Json): unknown => {
    if (kind === "naughty" && random.next() < 0.5) return naughtyValue(random);
    const valid = validValue(document, schema, random, words);
    return kind === "bent" && random.next() < 0.4 ? bendValue(valid, random) : valid;
  };
  let path = template;
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  for (const unresolved of (operation.parameters ?? []) as Json[]) {
    const parameter = resolveRef(document, unresolved);
    const schema = (parameter.schema ?? {}) as Json;
    const parameterName = String(parameter.name);
    switch (parameter.in) {
      case "path": {
        const fitting = wordsFor(template, parameterName, words);
        const word = random.next() < 0.7 && fitting.length > 0 ? random.pick(fitting) : asWord(value(schema));
        path = path.replace(`{${parameterName}}`, encodeURIComponent(word === "" ? "none" : word));
        break;
      }
      case "query":
        if (parameter.required === true || random.next() < 0.35)
          query.set(parameterName.replace("KEY", "step"), asWord(value(schema)));
        break;
      case "header":
        if (random.next() < 0.8)
          headers[parameterName] = random.next() < 0.5 ? "*" : random.pick(headerWords);
        break;
      default:
    }
  }
  const asked = query.size > 0 ? `${path}?${query}` : path;
  const json = bodyOf(document, operation, random, value);
  const everything = `${decodeURIComponent(path)} ${JSON.stringify(json) ?? ""}`;
  return {
    method,
    path: asked,
    headers,
    ...(json === undefined ? {} : { json }),
    names: allWords(words).filter((word) => everything.includes(word)),
  };
}

/** What a parameter of a path is most likely about. */
function wordsFor(
  template: string,
  parameter: string,
  { files, uploads, albums, people }: Words,
): readonly string[] {
  if (parameter === "version") return ["1", "2"];
  if (parameter === "userId") return people;
  if (parameter === "fileId") return files;
  if (parameter !== "id") return [];
  const resource = template.split("/")[2] ?? "";
  return (
    new Map([
      ["files", files],
      ["uploads", uploads],
      ["albums", albums],
    ]).get(resource) ?? []
  );
}

function bodyOf(
  document: Json,
  operation: Json,
  random: SeededRandom,
  value: (schema: Json) => unknown,
): unknown {
  const body = operation.requestBody as Json | undefined;
  if (!body || random.next() < 0.03) return undefined;
  const { content } = resolveRef(document, body) as { content?: Record<string, { schema?: Json }> };
  const schema = content?.["application/json"]?.schema;
  return schema ? value(schema) : undefined;
}
