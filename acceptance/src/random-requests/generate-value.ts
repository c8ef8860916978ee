import { type Json, resolveRef } from "../harness/json-schema.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";

/** Ids of things that there are. */
export interface Words {
  readonly files: readonly string[];
  readonly uploads: readonly string[];
  readonly albums: readonly string[];
  readonly people: readonly string[];
}

export const allWords = ({ files, uploads, albums, people }: Words): string[] => [
  ...files,
  ...uploads,
  ...albums,
  ...people,
];

/** Values that are right nowhere, or nearly. */
const naughtyValues: readonly unknown[] = [
  ...[null, true, false, [], {}, [[]], { a: { b: {} } }, ["a", "a"], { __proto__: 1 }],
  ...[-1, 0, 1.5, 1e308, 2 ** 53, -(2 ** 53), 1e-9],
  ...[
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "../../etc/passwd",
    "%2e%2e",
    "'; DROP TABLE files; --",
    "__proto__",
    "constructor",
  ],
  ...[
    "\ud800",
    "\u202ea.jpg",
    "💥".repeat(100),
    "a".repeat(5000),
    "null",
    "-1",
    "1e9",
    "*",
    '"1"',
    "é",
    "\n",
    "toString",
  ],
];

const pick = <T>(random: SeededRandom, from: readonly T[]): T => random.pick(from);

/** A value that a JSON Schema allows, as far as its keywords are known here. */
export function validValue(
  document: Json,
  unresolved: Json,
  random: SeededRandom,
  words: Words,
  depth = 0,
): unknown {
  const schema = resolveRef(document, unresolved);
  const again = (inner: Json) => validValue(document, inner, random, words, depth + 1);
  if (Object.hasOwn(schema, "const")) return schema.const;
  if (Array.isArray(schema.enum)) return pick(random, schema.enum as unknown[]);
  for (const keyword of ["anyOf", "oneOf"] as const)
    if (Array.isArray(schema[keyword])) return again(pick(random, schema[keyword] as Json[]));
  if (Array.isArray(schema.allOf))
    return Object.assign({}, ...(schema.allOf as Json[]).map((part) => again(part)));
  const type = Array.isArray(schema.type) ? pick(random, schema.type as string[]) : schema.type;
  switch (type) {
    case "null":
      return null;
    case "boolean":
      return random.next() < 0.5;
    case "integer":
    case "number":
      return validNumber(schema, random);
    case "string":
      return validString(schema, random, words);
    case "array": {
      const least = Number(schema.minItems ?? 0);
      const most = Math.min(Number(schema.maxItems ?? 4), least + 3);
      return Array.from({ length: random.between(least, most + 1) }, () =>
        again((schema.items ?? {}) as Json),
      );
    }
    case "object":
      return validObject(schema, random, words, depth, again);
    default:
      return pick(random, naughtyValues);
  }
}

function validNumber(schema: Json, random: SeededRandom): number {
  const least = Number(
    schema.minimum ?? (schema.exclusiveMinimum === undefined ? 0 : Number(schema.exclusiveMinimum) + 1),
  );
  const most = Math.min(Number(schema.maximum ?? least + 1000), Number.MAX_SAFE_INTEGER);
  return random.next() < 0.2
    ? pick(random, [least, most])
    : random.between(least, Math.min(most, least + 1000) + 1);
}

function validString(
  { pattern, minLength = 0, maxLength = 4096, format }: Json,
  random: SeededRandom,
  words: Words,
): string {
  const [least, most] = [Number(minLength), Number(maxLength)];
  const matcher = typeof pattern === "string" ? new RegExp(pattern, "u") : undefined;
  const candidates = [
    ...allWords(words),
    ...[
      "a.jpg",
      "Übung.pdf",
      "image/png",
      "image/jpeg",
      "0".repeat(64),
      "a",
      "1",
      "step",
      "ann@example.test",
    ],
    ...[
      "2999-01-01T00:00:00Z",
      "2020-02-02T02:02:02.222Z",
      "a sentence that says why",
      "a".repeat(Math.min(most, 300)),
    ],
  ].filter(
    (word) =>
      word.length >= least &&
      word.length <= most &&
      (matcher?.test(word) ?? true) &&
      (format !== "date-time" || /^\d{4}-.*Z$/.test(word)),
  );
  return candidates.length > 0 ? pick(random, candidates) : "a".repeat(least);
}

function validObject(
  schema: Json,
  random: SeededRandom,
  words: Words,
  depth: number,
  again: (inner: Json) => unknown,
): Json {
  const required = new Set(Array.isArray(schema.required) ? (schema.required as string[]) : []);
  const members = Object.entries((schema.properties ?? {}) as Record<string, Json>)
    .filter(([name]) => required.has(name) || random.next() < (depth > 3 ? 0.1 : 0.4))
    .map(([name, inner]) => [name, again(inner)] as const);
  const others = schema.additionalProperties;
  if (typeof others === "object" && others !== null && random.next() < 0.5)
    members.push([pick(random, ["step", "a.b", ...allWords(words)]), again(others as Json)]);
  return Object.fromEntries(members);
}

/** A value with something about it made wrong: a member left out, added or replaced, anywhere in it. */
export function bendValue(value: unknown, random: SeededRandom): unknown {
  if (Array.isArray(value) && value.length > 0 && random.next() < 0.7) {
    const at = random.between(0, value.length);
    return random.next() < 0.2 ? [...value, ...value] : value.with(at, bendValue(value[at], random));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || random.next() < 0.1)
    return pick(random, naughtyValues);
  const members = Object.entries(value);
  if (members.length === 0 || random.next() < 0.2)
    return Object.fromEntries([
      ...members,
      [pick(random, ["unknown", "id", "ownerId", "constructor", "state"]), 1],
    ]);
  const [name, member] = pick(random, members);
  const rest = members.filter(([other]) => other !== name);
  return Object.fromEntries(random.next() < 0.3 ? rest : [...rest, [name, bendValue(member, random)]]);
}

export const naughtyValue = (random: SeededRandom): unknown => pick(random, naughtyValues);
