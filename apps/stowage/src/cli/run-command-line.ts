import type { CommandContext } from "./command.ts";
import { type CommandGroup, commandGroups } from "./commands.ts";
import { findCommand } from "./find-command.ts";
import { commandHelp, overallHelp } from "./help.ts";
import { signInHintOf } from "./how-to-sign-in.ts";
import { parseOptions } from "./parse-options.ts";
import { isAbort, tellError } from "./tell-error.ts";

/** What a command gets of its surroundings. */
export type Surroundings = Omit<CommandContext, "positionals" | "options" | "json" | "holdOpen"> & {
  readonly version: string;
  readonly groups?: readonly CommandGroup[];
};

/** The shell's convention for what Ctrl-C ended: 128 + SIGINT. */
const interruptedStatus = 130;

/** Runs one command line to its end. Never throws: what went wrong is said on standard error. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, say, signal } = surroundings;
  const heldOpen: Promise<unknown>[] = [];
  let options: CommandContext["options"] = new Map();
  try {
    return await run(args, surroundings, {
      holdOpen: (work) => void heldOpen.push(work),
      onOptions: (parsed) => {
        options = parsed;
      },
    });
  } catch (error) {
    if (signal.aborted && isAbort(error)) return interruptedStatus;
    const { words, status } = tellError(error, signInHintOf({ ...surroundings, options }));
    if (words !== undefined) say(words);
    if (env.STOWAGE_DEBUG === "1" && error instanceof Error) say(stackOf(error));
    return status;
  } finally {
    await Promise.allSettled(heldOpen);
  }
}

interface Watch {
  holdOpen(work: Promise<unknown>): void;
  /** Told what options the command was given. */
  onOptions(options: CommandContext["options"]): void;
}

async function run(
  args: readonly string[],
  { version, groups = commandGroups, ...surroundings }: Surroundings,
  { holdOpen, onOptions }: Watch,
): Promise<number> {
  const { program, out } = surroundings;
  // Those few may come before the command's name.
  const first = args.findIndex((arg) => !["--json", "--help", "-h"].includes(arg));
  const before = first === -1 ? args : args.slice(0, first);
  const [word, ...others] = first === -1 ? [] : args.slice(first);

  if (word === "--version") {
    out(version);
    return 0;
  }
  if (word === undefined || (word === "help" && others.length === 0)) {
    out(await overallHelp(groups, program));
    return 0;
  }
  const asked = word === "help" ? [...others, "--help"] : [word, ...others, ...before];
  const entries = groups.flatMap((group) => group.entries);
  const group = entries.filter(({ name }) => name.startsWith(`${asked[0]} `));
  if (group.length > 0 && !entries.some(({ name }) => name === asked[0]) && isHelp(asked[1])) {
    for (const { load } of group) {
      const command = await load();
      out(`${program} ${command.name} ${command.synopsis}\n    ${command.summary}`);
    }
    return 0;
  }
  const { entry, rest } = findCommand(asked, entries, program);
  const command = await entry.load();
  const { help, ...parsed } = parseOptions(command, rest);
  if (help) {
    out(commandHelp(command, program));
    return 0;
  }
  onOptions(parsed.options);
  return command.run({ ...surroundings, ...parsed, holdOpen });
}

const isHelp = (arg: string | undefined): boolean => arg === "--help" || arg === "-h";

function stackOf(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\nCaused by: ${stackOf(error.cause)}` : stack;
}
