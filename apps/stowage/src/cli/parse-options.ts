import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { closestWord } from "./closest-word.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";

/** Options that every command takes. */
export const globalOptions = {
  json: { type: "boolean", help: "Print one JSON value a line on standard output" },
  help: { type: "boolean", short: "h", help: "Show this help" },
} as const satisfies Command["options"];

export interface ParsedOptions extends Pick<CommandContext, "positionals" | "options" | "json"> {
  readonly help: boolean;
}

/**
 * Reads a command's arguments.
 *
 * @throws UsageError that names the option
 */
export function parseOptions(command: Command, args: readonly string[]): ParsedOptions {
  const known: Command["options"] = { ...command.options, ...globalOptions };
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(known).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short !== undefined && { short }), ...(multiple !== undefined && { multiple }) },
    ]),
  );
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });

  const options = new Map<string, string | boolean | readonly (string | boolean)[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!option) throw new UsageError(unknownOption(command, rawName, Object.keys(known)));
    if (option.type === "boolean") {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
      options.set(name, true);
      continue;
    }
    if (value === undefined || (!inlineValue && value.startsWith("-") && value.length > 1))
      throw new UsageError(
        `${rawName} wants a value: ${rawName} ${option.argument ?? "VALUE"}. One that begins with a hyphen is written --${name}=${value ?? "-…"}.`,
      );
    const earlier = options.get(name);
    options.set(name, option.multiple ? [...(Array.isArray(earlier) ? earlier : []), value] : value);
  }

  const help = options.get("help") === true;
  const json = options.get("json") === true;
  options.delete("help");
  options.delete("json");
  if (!help) assertCount(command, positionals);
  return { positionals, options, json, help };
}

function unknownOption(command: Command, rawName: string, names: readonly string[]): string {
  const meant = rawName.startsWith("--") ? closestWord(rawName.slice(2), names) : undefined;
  const hint = meant === undefined ? "" : ` Did you mean --${meant}?`;
  return `${command.name} has no option ${rawName}.${hint} (A name that begins with a hyphen goes behind --.)`;
}

function assertCount(command: Command, positionals: readonly string[]): void {
  const { min, max } = command.positionals;
  const usage = `It is used so: ${command.name} ${command.synopsis}`;
  if (positionals.length < min) throw new UsageError(`${command.name} wants something more. ${usage}`);
  if (positionals.length > max)
    throw new UsageError(
      `${command.name} does not know what to do with ${JSON.stringify(positionals[max])}. ${usage}`,
    );
}

/** The value of an option that may be given once. */
export function textOption({ options }: Pick<CommandContext, "options">, name: string): string | undefined {
  const value = options.get(name);
  return typeof value === "string" ? value : undefined;
}

/** The values of an option that may be given often. */
export function textOptions({ options }: Pick<CommandContext, "options">, name: string): string[] {
  const value = options.get(name);
  return Array.isArray(value) ? value.map(String) : [];
}

export const hasOption = ({ options }: Pick<CommandContext, "options">, name: string): boolean =>
  options.get(name) === true;

/**
 * A whole number, or `undefined` where the option is not given.
 *
 * @throws UsageError
 */
export function numberOption(
  context: Pick<CommandContext, "options">,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = textOption(context, name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d{1,15}$/.test(text) || number < min || number > max)
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}.`);
  return number;
}
