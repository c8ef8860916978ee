import { parseSync } from "oxc-parser";

/** One small change of a source file that its tests must notice. */
export interface Mutant {
  /** Offsets of what is replaced, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly was: string;
  readonly now: string;
  /** The line on which it begins, trimmed: with the two above it names a mutant, whatever stands before it. */
  readonly line: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** What a comparison, a calculation or a conjunction is turned into. */
const otherOperators: ReadonlyMap<string, readonly string[]> = new Map([
  ["===", ["!=="]],
  ["!==", ["==="]],
  ["<", ["<=", ">="]],
  ["<=", ["<", ">"]],
  [">", [">=", "<="]],
  [">=", [">", "<"]],
  ["+", ["-"]],
  ["-", ["+"]],
  ["*", ["/"]],
  ["/", ["*"]],
  ["&&", ["||"]],
  ["||", ["&&"]],
]);

const comparisons: ReadonlySet<string> = new Set(["===", "!==", "<", "<=", ">", ">="]);

/** Methods that answer yes or no: each is made to answer always the same. */
const questions: ReadonlySet<string> = new Set([
  "some",
  "every",
  "includes",
  "has",
  "startsWith",
  "endsWith",
]);

const otherMethods: ReadonlyMap<string, string> = new Map([
  ["some", "every"],
  ["every", "some"],
  ["min", "max"],
  ["max", "min"],
]);

/** Methods in whose place what they are called on would do for a careless reader. */
const narrowings: ReadonlySet<string> = new Set(["filter", "slice", "map", "trim", "toLowerCase", "sort"]);

/**
 * Every mutant of a source file: conditions that always or never hold, other operators, other constants, members of literals left out,
 * statements left out, other results. Types and imports are left alone.
 *
 * @throws Error where the source can't be parsed
 */
export function mutantsOf(file: string, source: string): Mutant[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found = new Map<string, Mutant>();
  const textOf = ({ start, end }: Node) => source.slice(start, end);
  const add = ({ start, end }: Pick<Node, "start" | "end">, now: string) => {
    const was = source.slice(start, end);
    if (was === now) return;
    const line = source
      .slice(source.lastIndexOf("\n", start) + 1, (source.indexOf("\n", start) + 1 || source.length + 1) - 1)
      .trim();
    found.set(`${start} ${end} ${now}`, { start, end, was, now, line });
  };
  const visit = (node: Node) => {
    for (const now of replacementsOf(node, textOf)) add(node, now);
    for (const [part, now] of partsOf(node, source)) add(part, now);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program as unknown as Node);
  return [...found.values()].sort((one, other) => one.start - other.start || one.end - other.end);
}

const untouched = /^TS(?!AsExpression|NonNullExpression|SatisfiesExpression)|^ImportDeclaration$/;

function childrenOf(node: Node): Node[] {
  return Object.entries(node).flatMap(([member, value]) => {
    // A key that is written out is a name; one that is computed is a value.
    if (member === "key" && node.computed !== true) return [];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter(isNode).filter(({ type }) => !untouched.test(type));
  });
}

/** What may stand in place of a whole node. */
function* replacementsOf(node: Node, textOf: (node: Node) => string): Generator<string> {
  const { left, right, operator, argument, value } = node;
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
      if (!isNode(left) || !isNode(right)) return;
      for (const other of otherOperators.get(String(operator)) ?? [])
        yield `(${textOf(left)} ${other} ${textOf(right)})`;
      if (node.type === "LogicalExpression") yield* [textOf(left), textOf(right)];
      if (comparisons.has(String(operator))) yield* ["true", "false"];
      return;
    case "ConditionalExpression":
      for (const branch of [node.consequent, node.alternate]) if (isNode(branch)) yield `(${textOf(branch)})`;
      return;
    case "UnaryExpression":
      if (operator === "!" && isNode(argument)) yield textOf(argument);
      return;
    case "Literal":
      if (typeof value === "boolean") yield String(!value);
      if (typeof value === "number") yield String(value + 1);
      if (typeof value === "string") yield value === "" ? '"mutant"' : '""';
      return;
    case "ArrayExpression":
      if ((node.elements as readonly Node[]).length === 0) yield '["mutant" as never]';
      return;
    case "TemplateLiteral":
      yield "``";
      return;
    case "AssignmentPattern":
      if (isNode(left)) yield textOf(left);
      return;
    case "CallExpression":
      yield* callsLike(node, textOf);
      return;
    case "BlockStatement":
      yield "{}";
      return;
    case "ExpressionStatement":
      yield ";";
      return;
    case "ReturnStatement":
      if (isNode(argument)) yield "return undefined as never;";
  }
}

function* callsLike(node: Node, textOf: (node: Node) => string): Generator<string> {
  const { callee } = node;
  if (!isNode(callee) || !isNode(callee.object) || !isNode(callee.property)) return;
  const method = textOf(callee.property);
  if (questions.has(method)) yield* ["true", "false"];
  if (narrowings.has(method)) yield textOf(callee.object);
  const other = otherMethods.get(method);
  if (other !== undefined)
    yield `${textOf(callee.object)}.${other}${textOf(node).slice(textOf(callee).length)}`;
}

/** Parts of a node that may be replaced on their own, and by what. */
function* partsOf(node: Node, source: string): Generator<readonly [Pick<Node, "start" | "end">, string]> {
  const { type, body, test } = node;
  if (type === "ArrayExpression" || type === "ObjectExpression")
    yield* membersOf((type === "ArrayExpression" ? node.elements : node.properties) as readonly Node[]);
  if (type === "IfStatement" && isNode(test)) yield* [[test, "true"] as const, [test, "false"] as const];
  if (type === "ArrowFunctionExpression" && isNode(body) && body.type !== "BlockStatement") {
    // Round brackets around an object are no part of it.
    const arrow = source.lastIndexOf("=>", body.start) + 2;
    const end = source.slice(arrow, body.start).trim() === "(" ? source.indexOf(")", body.end) + 1 : body.end;
    yield [{ start: arrow, end }, " undefined as never"];
  }
  if (type === "MemberExpression" && node.optional === true && isNode(node.object)) {
    const dots = source.indexOf("?.", node.object.end);
    yield [{ start: dots, end: dots + 2 }, "."];
  }
}

/** Each member of a list left out, with the comma that goes with it. */
function* membersOf(members: readonly Node[]): Generator<readonly [Pick<Node, "start" | "end">, string]> {
  for (const [index, member] of members.entries()) {
    const next = members[index + 1];
    const before = members[index - 1];
    if (next) yield [{ start: member.start, end: next.start }, ""];
    else yield [{ start: before ? before.end : member.start, end: member.end }, ""];
  }
}
