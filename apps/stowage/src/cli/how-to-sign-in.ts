/** The exact commands that get a person a token. */
export const howToSignIn = (program: string): string =>
  [
    "To sign in, get an access token and put it into the environment. On the server's machine:",
    "",
    `  ${program} user add you@example.org          (once)`,
    `  export STOWAGE_TOKEN="$(${program} token you@example.org)"`,
  ].join("\n");
