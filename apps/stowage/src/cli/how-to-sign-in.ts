import type { CommandContext } from "./command.ts";
import { textOption } from "./parse-options.ts";

export interface SignInHint {
  /** How the person calls this program. */
  readonly program: string;
  /** Options that name the server as the command did: ` --server https://files.example.org`. */
  readonly serverOption?: string;
  /** STOWAGE_TOKEN goes before every sign-in. */
  readonly hasToken?: boolean;
}

/** The exact commands that get a person signed in. */
export function howToSignIn({ program, serverOption = "", hasToken = false }: SignInHint): string {
  const login = hasToken
    ? [
        "The token is the one in STOWAGE_TOKEN. To sign in, take it out of the environment and use a browser:",
        "",
        "  unset STOWAGE_TOKEN",
      ]
    : ["To sign in, or to make an account, use a browser (on this machine or any other):", ""];
  return [
    ...login,
    `  ${program} login${serverOption}`,
    "",
    "Programs take an access token of an account of their own. On the server's machine:",
    "",
    `  ${program} user add app@example.org          (once)`,
    `  export STOWAGE_TOKEN="$(${program} token app@example.org)"`,
  ].join("\n");
}

/** The same for a command that was given its options. */
export const howToSignInTo = (context: Pick<CommandContext, "program" | "env" | "options">): string =>
  howToSignIn(signInHintOf(context));

export function signInHintOf(
  context: Pick<CommandContext, "program" | "env"> & Partial<Pick<CommandContext, "options">>,
): SignInHint {
  const { program, env, options = new Map() } = context;
  const given = ["server", "data"].flatMap((name) => {
    const value = textOption({ options }, name);
    return value === undefined ? [] : [` --${name} ${asWord(value)}`];
  });
  return { program, serverOption: given.join(""), hasToken: Boolean(env.STOWAGE_TOKEN?.trim()) };
}

/** As a shell takes it for one word. */
const asWord = (text: string): string =>
  /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
