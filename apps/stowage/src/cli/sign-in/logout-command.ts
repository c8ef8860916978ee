import { type Command, type CommandContext, CommandError, type ExitStatus, UsageError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { hasOption, textOption } from "../parse-options.ts";
import { findServer } from "../remote/find-server.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import type { Credentials } from "./credentials.ts";
import { type CredentialsFile, DamagedCredentialsError } from "./credentials-file.ts";
import { describeIssuerFailure } from "./describe-issuer-failure.ts";
import { findCredentialsFile } from "./find-credentials-file.ts";
import { discoverIssuer } from "./issuer-client.ts";
import { hasBrowser, openBrowser } from "./open-browser.ts";
import { createTokenSource } from "./token-source.ts";

export const logoutCommand: Command = {
  name: "logout",
  synopsis: "[--server URL | --all] [--browser] [--everywhere]",
  summary: "Sign out: end the sign-in at its issuer, and forget it",
  description: [
    "Other machines stay signed in, and so does the browser, unless --browser is given. An access token that was handed",
    "out before may work to its end, some minutes later. With --everywhere nothing of it works a second later: every machine,",
    "browser and program is signed out of the server.",
  ].join("\n"),
  options: {
    all: { type: "boolean", help: "Of every server" },
    browser: { type: "boolean", help: "Sign out in the browser too" },
    everywhere: { type: "boolean", help: "End all your sign-ins to the server, on every machine" },
    ...remoteOptions,
  },
  positionals: { min: 0, max: 0 },
  run: runLogout,
};

async function runLogout(context: CommandContext): Promise<ExitStatus> {
  const all = hasOption(context, "all");
  if (all && (textOption(context, "server") ?? textOption(context, "data")) !== undefined)
    throw new UsageError("--all and a server don't go together.");
  const file = findCredentialsFile(context);
  const servers = all ? await allServers(file) : [await findServer(context)];
  let unfinished = 0;
  for (const server of servers) if (!(await signOut(context, file, server))) unfinished += 1;
  if (all && servers.length === 0 && !context.json) context.say("You are signed in to no server.");
  if (context.env.STOWAGE_TOKEN?.trim())
    context.say("STOWAGE_TOKEN is still set, and works until it ends: unset STOWAGE_TOKEN.");
  if (unfinished === 0) return 0;
  return unfinished < servers.length ? 3 : 1;
}

async function allServers(file: CredentialsFile | undefined): Promise<string[]> {
  try {
    return (await file?.servers()) ?? [];
  } catch (error) {
    if (!file || !(error instanceof DamagedCredentialsError)) throw error;
    const aside = await file.setAside();
    throw new CommandError(
      `${error.message} It was moved to ${escapeText(aside)}: what it holds could not be ended at its issuers. Delete it.`,
      1,
      { cause: error },
    );
  }
}

/** @returns whether everything was done: what can't be ended at the issuer is forgotten all the same */
async function signOut(
  context: CommandContext,
  file: CredentialsFile | undefined,
  server: string,
): Promise<boolean> {
  const credentials = await file?.read(server);
  if (!file || !credentials) {
    if (context.json) context.out(jsonLine({ server, signedOut: false }));
    else context.say(`You are not signed in to ${server}.`);
    return true;
  }
  // Not while another command renews: what it then got would live on.
  if (hasOption(context, "everywhere")) await endEverywhere(context, file, server, credentials);
  const failure = await file.exclusively(server, async () => {
    const kept = (await file.read(server)) ?? credentials;
    const words = await revoke(context, kept);
    await file.write(server, undefined);
    return words;
  });
  if (context.json) context.out(jsonLine({ server, signedOut: true, revoked: failure === undefined }));
  else
    context.out(
      `You are signed out of ${server}${credentials.email === undefined ? "" : ` (${escapeText(credentials.email)})`}.`,
    );
  if (failure !== undefined)
    context.say(
      `It is forgotten here, but could not be ended at its issuer: ${escapeText(credentials.issuer)} ${failure}.`,
    );
  return failure === undefined;
}

/** Before the sign-in here is ended, which is what lets it be asked for. */
async function endEverywhere(
  context: CommandContext,
  file: CredentialsFile,
  server: string,
  credentials: Credentials,
): Promise<void> {
  const getToken = createTokenSource({
    file,
    server,
    credentials,
    holdOpen: context.holdOpen,
    nowMs: Date.now,
  });
  const token = await getToken();
  const response = await fetch(new URL("/v1/me/sign-out-everywhere", server), {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal: context.signal,
  }).catch((cause: unknown) => {
    throw new CommandError(`${server} can't be reached: you are still signed in everywhere.`, 1, { cause });
  });
  await response.arrayBuffer();
  if (response.status !== 204)
    throw new CommandError(
      `${server} did not end your sign-ins (it answered ${response.status}): you are still signed in.`,
      response.status === 401 ? 4 : 1,
    );
}

/** RFC 7009. @returns why it could not be done */
async function revoke(context: CommandContext, credentials: Credentials): Promise<string | undefined> {
  const { issuer, clientId, refreshToken, accessToken } = credentials;
  try {
    const configuration = await discoverIssuer(credentials);
    const metadata = configuration.serverMetadata();
    if (hasOption(context, "browser"))
      endBrowserSession(context, issuer, metadata.end_session_endpoint, clientId);
    if (metadata.revocation_endpoint === undefined) return "takes no sign-outs of programs";
    const { tokenRevocation } = await import("openid-client");
    await tokenRevocation(configuration, refreshToken ?? accessToken.value, {
      token_type_hint: refreshToken === undefined ? "access_token" : "refresh_token",
    });
    return undefined;
  } catch (error) {
    return describeIssuerFailure(error).words;
  }
}

/** OpenID Connect RP-Initiated Logout 1.0. */
function endBrowserSession(
  context: CommandContext,
  issuer: string,
  endpoint: string | undefined,
  clientId: string,
): void {
  if (endpoint === undefined) {
    context.say(`The issuer ${escapeText(issuer)} has no page to sign out at: sign out there yourself.`);
    return;
  }
  const url = new URL(endpoint);
  url.searchParams.set("client_id", clientId);
  context.say(`To sign out in the browser too, open:\n\n  ${url.href}\n`);
  if (hasBrowser(context.env, process.platform)) openBrowser(url, context.env, process.platform);
}
