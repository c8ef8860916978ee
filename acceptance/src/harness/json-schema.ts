export type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

const isOfType = (value: unknown, type: string): boolean =>
  type === "integer" ? Number.isInteger(value) : typeOf(value) === type;

/** What a local reference (`#/components/schemas/Upload`) stands for. */
export function resolveRef(document: Json, schema: Json): Json {
  const ref = schema.$ref;
  if (typeof ref !== "string") return schema;
  let found: unknown = document;
  for (const part of ref.replace(/^#\//, "").split("/"))
    found = isRecord(found) && Object.hasOwn(found, part) ? found[part] : undefined;
  if (!isRecord(found)) throw new Error(`${ref} leads nowhere.`);
  return resolveRef(document, found);
}

/**
 * What of a value a JSON Schema (2020-12, the keywords that describe the shape of answers) does not allow: a line
 * each with the place. Empty: it fits.
 */
export function misfits(document: Json, unresolved: Json, value: unknown, at = ""): string[] {
  const schema = resolveRef(document, unresolved);
  const wrong: string[] = [];
  const { type, properties, required, items, additionalProperties } = schema;
  const types = typeof type === "string" ? [type] : Array.isArray(type) ? (type as string[]) : [];
  if (types.length > 0 && !types.some((one) => isOfType(value, one)))
    return [`${at}: ${typeOf(value)} in place of ${types.join(" or ")}`];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    wrong.push(`${at}: ${String(value)} is not listed`);
  if (Object.hasOwn(schema, "const") && schema.const !== value)
    wrong.push(`${at}: is not ${String(schema.const)}`);
  for (const keyword of ["anyOf", "oneOf"] as const) {
    const choices = schema[keyword];
    if (
      Array.isArray(choices) &&
      !choices.some((choice: Json) => misfits(document, choice, value, at).length === 0)
    )
      wrong.push(`${at}: fits none of ${keyword}`);
  }
  if (Array.isArray(schema.allOf))
    for (const part of schema.allOf as Json[]) wrong.push(...misfits(document, part, value, at));
  if (Array.isArray(value) && isRecord(items))
    for (const [index, item] of value.entries())
      wrong.push(...misfits(document, items, item, `${at}/${index}`));
  if (!isRecord(value)) return wrong;
  for (const name of Array.isArray(required) ? (required as string[]) : [])
    if (!Object.hasOwn(value, name)) wrong.push(`${at}: lacks ${name}`);
  for (const [name, member] of Object.entries(value)) {
    const known = isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (isRecord(known)) wrong.push(...misfits(document, known, member, `${at}/${name}`));
    else if (isRecord(additionalProperties))
      wrong.push(...misfits(document, additionalProperties, member, `${at}/${name}`));
    else if (isRecord(properties)) wrong.push(`${at}/${name}: is not described`);
  }
  return wrong;
}
