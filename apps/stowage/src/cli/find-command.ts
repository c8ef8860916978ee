import { closestWord } from "./closest-word.ts";
import { UsageError } from "./command.ts";
import type { CommandEntry } from "./commands.ts";

/** What stands before a command's own arguments. */
export interface Found {
  readonly entry: CommandEntry;
  /** What follows the command's name. */
  readonly rest: readonly string[];
}

/**
 * The command of one or two words that the arguments begin with.
 *
 * @throws UsageError with the closest suggestion
 */
export function findCommand(
  args: readonly string[],
  entries: readonly CommandEntry[],
  program: string,
): Found {
  const [first = "", second] = args;
  const two = second === undefined ? undefined : entries.find(({ name }) => name === `${first} ${second}`);
  if (two) return { entry: two, rest: args.slice(2) };
  const one = entries.find(({ name }) => name === first);
  if (one) return { entry: one, rest: args.slice(1) };

  if (first.startsWith("-"))
    throw new UsageError(`The command comes first: ${program} COMMAND ${first} … (see ${program} --help).`);
  const inGroup = entries.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (inGroup.length > 0) {
    const written = second === undefined || second.startsWith("-") ? undefined : `${first} ${second}`;
    throw new UsageError(
      written === undefined
        ? `${first} wants one more word: ${inGroup.join(", ")}.`
        : `There is no command ${JSON.stringify(written)}, but ${inGroup.join(", ")}.`,
    );
  }
  const names = entries.map(({ name }) => name);
  const meant =
    (second === undefined ? undefined : closestWord(`${first} ${second}`, names)) ??
    closestWord(first, names);
  throw new UsageError(
    `There is no command ${JSON.stringify(first)}. ` +
      (meant === undefined ? `${program} --help lists them all.` : `Did you mean ${program} ${meant}?`),
  );
}
