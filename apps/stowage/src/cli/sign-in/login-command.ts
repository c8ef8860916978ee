import { NotSignedInError } from "@stowage/client";
import { type Command, type CommandContext, CommandError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { hasOption } from "../parse-options.ts";
import { createRemoteClient } from "../remote/create-remote-client.ts";
import { findServer } from "../remote/find-server.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { authorize, type Tokens } from "./authorize.ts";
import type { Credentials } from "./credentials.ts";
import { type CredentialsFile, DamagedCredentialsError } from "./credentials-file.ts";
import { describeIssuerFailure } from "./describe-issuer-failure.ts";
import { findCredentialsFile } from "./find-credentials-file.ts";
import { findSignIn, type SignIn } from "./find-sign-in.ts";
import { discoverIssuer } from "./issuer-client.ts";
import { hasBrowser, openBrowser } from "./open-browser.ts";
import { accessTokenOf } from "./renew-tokens.ts";

export const loginCommand: Command = {
  name: "login",
  synopsis: "[--server URL] [--no-browser]",
  summary: "Sign in by browser, or make an account",
  description: [
    "Opens a browser, where you sign in or make an account; then put, ls and the others work as you, until logout.",
    "Where the browser is on another machine, open the address that is printed, and paste here the address that it",
    "ends at. The sign-in is kept in a file that only you can read, and renews itself while it is used.",
    "",
    "  stowage login                                       to the server of ./.stowage",
    "  stowage login --server https://files.example.org    to another",
    "  stowage login --no-browser                          over SSH, say",
  ].join("\n"),
  options: {
    "no-browser": { type: "boolean", help: "Open none: only print the address" },
    "insecure-http": {
      type: "boolean",
      help: "Allow a server without https: everybody on the way can read",
    },
    ...remoteOptions,
  },
  positionals: { min: 0, max: 0 },
  run: runLogin,
};

/** How long a person may take at the issuer. */
const timeoutMs = 10 * 60_000;

interface SignedIn {
  readonly server: string;
  readonly email: string | undefined;
  readonly subject: string;
  readonly issuer: string;
}

async function runLogin(context: CommandContext): Promise<0> {
  const { program, signal } = context;
  const insecureHttp = hasOption(context, "insecure-http");
  const server = await findServer(context);
  const file = findCredentialsFile(context);
  if (!file)
    throw new CommandError("There is no place to keep the sign-in in: HOME is not set in the environment.");
  await file.prepare();
  await setAsideDamaged(context, file, server);
  const signIn = await findSignIn(server, { program, insecureHttp, signal });
  const configuration = await discoverIssuer({ ...signIn, insecureHttp }).catch((cause: unknown) => {
    const { words } = describeIssuerFailure(cause);
    throw new CommandError(
      `${server} signs people in at ${escapeText(signIn.issuer)}, but that ${words}. Try again in a while.`,
      1,
      { cause },
    );
  });
  signal.throwIfAborted();

  const signedIn = await authorize(context, {
    configuration,
    signIn,
    timeoutMs,
    show: (url, redirectUri) => showTheWay(context, server, url, redirectUri),
    async complete(tokens) {
      const { result, credentials } = await recognise(server, signIn, tokens);
      // Not while another command renews the sign-in that was there before, and then writes over this one.
      await file.exclusively(server, () =>
        file.write(server, insecureHttp ? { ...credentials, insecureHttp } : credentials),
      );
      return {
        result,
        page: {
          status: 200,
          title: "You are signed in",
          text: `${result.email ?? result.subject} is signed in to ${server} in the terminal.\nYou may close this page.`,
        },
      };
    },
  });
  announce(context, signedIn);
  return 0;
}

/** A sign-in that can't be read any more is no reason to lose those to other servers in the same file. */
async function setAsideDamaged(
  context: CommandContext,
  file: CredentialsFile,
  server: string,
): Promise<void> {
  try {
    await file.servers();
  } catch (error) {
    if (!(error instanceof DamagedCredentialsError)) throw error;
    const aside = await file.setAside();
    context.say(`${error.message} It was moved to ${escapeText(aside)}; a new file begins with ${server}.`);
  }
}

function showTheWay(context: CommandContext, server: string, url: URL, redirectUri: string): void {
  const { env, say } = context;
  const opens = !hasOption(context, "no-browser") && hasBrowser(env, process.platform);
  say(
    [
      opens
        ? `Your browser should open to sign you in to ${server}. If it does not, open this address yourself:`
        : `To sign in to ${server}, open this address in a browser:`,
      "",
      `  ${url.href}`,
      "",
      `A browser on another machine will end at an address that it can't open (${redirectUri}?…).`,
      "Then copy that whole address, paste it here, and press Enter:",
    ].join("\n"),
  );
  if (opens) openBrowser(url, env, process.platform);
}

/** Asks the server who the tokens are of: that it takes them shows here, not at the first upload. */
async function recognise(
  server: string,
  { issuer, clientId, resource }: SignIn,
  tokens: Tokens,
): Promise<{ readonly result: SignedIn; readonly credentials: Credentials }> {
  const claims = tokens.claims();
  const me = await createRemoteClient(server, async () => tokens.access_token)
    .me()
    .catch((cause: unknown) => {
      const why = escapeText(cause instanceof Error ? cause.message : String(cause));
      throw cause instanceof NotSignedInError
        ? new CommandError(
            `The issuer ${escapeText(issuer)} signed you in, but ${server} does not take its tokens: ${why} Whoever runs the server can look at its settings.`,
            1,
            { cause },
          )
        : new CommandError(
            `You were signed in, but then ${server} did not answer: ${why} Sign in again.`,
            1,
            {
              cause,
            },
          );
    });
  const claimed = claims?.email;
  const email = me.email ?? (typeof claimed === "string" ? claimed : undefined);
  const subject = claims?.sub ?? me.subject;
  return {
    result: { server, email, subject, issuer },
    credentials: {
      issuer,
      clientId,
      subject,
      signedInAt: new Date().toISOString(),
      accessToken: accessTokenOf(tokens, Date.now()),
      ...(email !== undefined && { email }),
      ...(resource !== undefined && { resource }),
      ...(tokens.refresh_token !== undefined && { refreshToken: tokens.refresh_token }),
    },
  };
}

function announce({ json, out, say, env }: CommandContext, signedIn: SignedIn): void {
  const { server, email, subject, issuer } = signedIn;
  if (json) out(jsonLine({ server, email: email ?? null, subject, issuer }));
  else out(`You are signed in to ${server} as ${escapeText(email ?? subject)}.`);
  if (env.STOWAGE_TOKEN?.trim())
    say("STOWAGE_TOKEN is set, and goes before this sign-in: unset STOWAGE_TOKEN to use it.");
}
