import type { Command } from "./command.ts";
import type { CommandGroup } from "./commands.ts";
import { globalOptions } from "./parse-options.ts";

const alignment = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
};

/** Examples as this person types them. */
const asCalled = (text: string, program: string): string =>
  text.replace(/\bstowage (?=[a-z])/g, `${program} `);

/** What `--help` says of one command. */
export function commandHelp(command: Command, program: string): string {
  const options = Object.entries({ ...command.options, ...globalOptions }).map(
    ([name, option]): [string, string] => {
      const { short, argument } = option as Command["options"][string];
      return [
        `${short === undefined ? "    " : `-${short}, `}--${name}${argument === undefined ? "" : ` ${argument}`}`,
        option.help,
      ];
    },
  );
  return [
    `${command.summary}.`,
    "",
    `Usage: ${program} ${command.name} ${command.synopsis}`.trimEnd(),
    ...(command.description === undefined ? [] : ["", asCalled(command.description, program)]),
    "",
    "Options:",
    ...alignment(options),
  ].join("\n");
}

/** What `stowage --help` says: what this is, how to begin, and every command. */
export async function overallHelp(groups: readonly CommandGroup[], program: string): Promise<string> {
  const start = program.startsWith("npm run") ? "npm start" : `${program} up`;
  const lists = await Promise.all(
    groups.map(async ({ title, entries }) => {
      const commands = await Promise.all(entries.map(({ load }) => load()));
      return { title, rows: commands.map(({ name, summary }): [string, string] => [name, summary]) };
    }),
  );
  const width = Math.max(...lists.flatMap(({ rows }) => rows.map(([name]) => name.length)));
  return [
    "Stowage keeps files on a server of your own: sent straight to its store, checked before anyone sees them.",
    "",
    `Usage: ${program} COMMAND [arguments and options]`,
    "",
    "First steps:",
    ...alignment([
      [start, "start the server, and leave it running"],
      [`${program} login`, "make an account or sign in, by browser, in another terminal"],
      [`${program} put photo.jpg`, "send a file, and wait until it is checked"],
      [`${program} ls`, "see what is there"],
    ]),
    ...lists.flatMap(({ title, rows }) => [
      "",
      `${title}:`,
      ...rows.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`),
    ]),
    "",
    `${program} COMMAND --help says more of each. --json works with all of them.`,
    "",
    "Environment:",
    ...alignment([
      ["STOWAGE_SERVER", "the server's address; else that of the data directory ./.stowage"],
      ["STOWAGE_TOKEN", "an access token, for programs: goes before what login keeps"],
      ["STOWAGE_DEBUG=1", "show where in the program an error came from"],
    ]),
    "",
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 some of several failed, 4 not signed in.",
  ].join("\n");
}
