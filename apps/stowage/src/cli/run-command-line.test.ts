import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortedError, NotSignedInError } from "@stowage/client";
import { type Command, type CommandContext, CommandError, UsageError } from "./command.ts";
import type { CommandGroup } from "./commands.ts";
import { capturedRun, type RunOptions } from "./testing/captured-run.ts";

/** A command that answers what it was given. */
function command(name: string, run?: (context: CommandContext) => Promise<0>): Command {
  return {
    name,
    synopsis: "THING… [options]",
    summary: `Does ${name}`,
    description: `  stowage ${name} x`,
    options: {
      output: { type: "string", short: "o", argument: "PATH", help: "Where to" },
      meta: { type: "string", multiple: true, argument: "K=V", help: "Pairs" },
      force: { type: "boolean", help: "By force" },
    },
    positionals: { min: 1, max: 2 },
    run:
      run ??
      (async ({ positionals, options, json, out }) => {
        out(JSON.stringify({ name, positionals, json, options: Object.fromEntries(options) }));
        return 0;
      }),
  };
}

const groupOf = (...commands: Command[]): CommandGroup[] => [
  { title: "Things", entries: commands.map((one) => ({ name: one.name, load: async () => one })) },
];
const groups = groupOf(command("put"), command("user add"), command("user list"), command("token"));
const run = (line: string, options: RunOptions = {}) =>
  capturedRun(line.split(" ").filter(Boolean), { groups, ...options });

const failing = (error: unknown, options: RunOptions = {}) =>
  run("put x", { ...options, groups: groupOf(command("put", () => Promise.reject(error))) });

test("finds commands of one and of two words, and gives them what follows", async () => {
  for (const [line, expected] of [
    ["put a b", { name: "put", positionals: ["a", "b"], json: false, options: {} }],
    ["user add a --force", { name: "user add", positionals: ["a"], json: false, options: { force: true } }],
    ["--json put a", { name: "put", positionals: ["a"], json: true, options: {} }],
    ["put a --json", { name: "put", positionals: ["a"], json: true, options: {} }],
    ["put -o - a", { name: "put", positionals: ["a"], json: false, options: { output: "-" } }],
    ["put --output=-x -- -a", { name: "put", positionals: ["-a"], json: false, options: { output: "-x" } }],
    [
      "put a --meta k=v --meta b=c=d",
      { name: "put", positionals: ["a"], json: false, options: { meta: ["k=v", "b=c=d"] } },
    ],
  ] as const) {
    const { status, out, said } = await run(line);
    assert.equal(status, 0, said);
    assert.deepEqual(JSON.parse(out), expected);
  }
});

const wrong: readonly (readonly [string, RegExp])[] = [
  ["putt x", /There is no command "putt"\. Did you mean stowage put\?/],
  ["tokne x", /Did you mean stowage token\?/],
  ["user lsit", /There is no command "user lsit", but user add, user list\./],
  ["user", /user wants one more word: user add, user list\./],
  ["useradd x", /Did you mean stowage user add\?/],
  ["xyzzy", /There is no command "xyzzy"\. stowage --help lists them all\./],
  ["constructor", /There is no command "constructor"/],
  ["--force put", /The command comes first/],
  ["put", /put wants something more\. It is used so: put THING… \[options\]/],
  ["put a b c", /put does not know what to do with "c"/],
  ["put a --forse", /put has no option --forse\. Did you mean --force\?/],
  ["put a -x", /put has no option -x\./],
  ["put a --__proto__", /put has no option --__proto__/],
  ["put a --output", /--output wants a value: --output PATH/],
  ["put a --output --force", /--output wants a value.* --output=--force/],
  ["put a --force=yes", /--force takes no value/],
];
for (const [line, sentence] of wrong)
  test(`calls "${line}" wrong usage`, async () => {
    const { status, out, said } = await run(line);
    assert.equal(status, 2);
    assert.match(said, sentence);
    assert.equal(out, "");
  });

test("helps: overall, and with each command as this person calls it", async () => {
  for (const line of ["", "--help", "-h", "help"]) {
    const { status, out } = await run(line);
    assert.equal(status, 0);
    assert.match(out, /First steps:/);
    assert.match(out, /^Things:\n {2}put {8}Does put\n {2}user add {3}Does user add$/m);
  }
  for (const line of ["put --help", "--help put", "help put", "put -h"]) {
    const { status, out } = await run(line, { program: "npm run -s stowage --" });
    assert.equal(status, 0);
    assert.match(out, /^Usage: npm run -s stowage -- put THING… \[options\]$/m);
    assert.match(out, /^ {2}npm run -s stowage -- put x$/m);
    assert.match(out, /^ {2}-o, --output PATH {2}Where to$/m);
  }
  assert.match((await run("help user add")).out, /^Usage: stowage user add /m);
});

test("says its version", async () => {
  assert.deepEqual(await run("--version").then(({ status, out }) => [status, out]), [0, "1.2.3\n"]);
});

test("tells errors in sentences with the status that goes with each", async () => {
  for (const [error, status, sentence] of [
    [new UsageError("Not so."), 2, /^Not so\.\n$/],
    [new CommandError("It failed."), 1, /^It failed\.\n$/],
    [new CommandError("Sign in.", 4), 4, /^Sign in\.\n$/],
    [
      new NotSignedInError("The token has expired."),
      4,
      /^The token has expired\.\n\n.*export STOWAGE_TOKEN=/s,
    ],
    [
      Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC", syscall: "write", path: "/x\n" }),
      1,
      /^\/x\\x0a: The disk is full\.\n$/,
    ],
    [new Error("Surprise\u001b[31m"), 1, /^Something went wrong that should not have: Surprise\\x1b\[31m /],
  ] as const) {
    const result = await failing(error);
    assert.equal(result.status, status);
    assert.match(result.said, sentence);
    assert.doesNotMatch(result.said, /^\s+at /m);
  }
});

test("shows where an error came from only where it was asked for", async () => {
  const error = new CommandError("It failed.", 1, { cause: new Error("The reason") });
  const { said } = await failing(error, { env: { STOWAGE_DEBUG: "1" } });
  assert.match(said, /CommandError: It failed\.\n\s+at .*Caused by: Error: The reason\n\s+at /s);
});

test("ends with 130, and says nothing, when the person stopped it", async () => {
  const signal = AbortSignal.abort();
  for (const error of [new AbortedError(), signal.reason])
    assert.deepEqual(await failing(error, { signal }).then(({ status, said }) => [status, said]), [130, ""]);
});
