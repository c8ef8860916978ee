import { once } from "node:events";
import { type CliOptions, type CliResult, spawnCli } from "./run-cli.ts";
import type { ScriptLessBrowser } from "./script-less-browser.ts";
import { waitFor } from "./wait-for.ts";
import type { Account } from "./web-page.ts";

/** `stowage login`, waiting for its person. */
export interface LoginCommand {
  /** Where it sends them. */
  readonly authorizationUrl: string;
  /** Where it listens for their return. */
  readonly redirectUri: string;
  /** What it has said so far. */
  said(): string;
  /** A line on its standard input. */
  paste(text: string): void;
  signal(name: "SIGINT" | "SIGTERM"): void;
  result(): Promise<CliResult>;
}

/** Starts it, and waits until it has shown the way. */
export async function startLogin(options: CliOptions, args: readonly string[] = []): Promise<LoginCommand> {
  const child = spawnCli(["login", ...args], options);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  const said = () => Buffer.concat(err).toString("utf8");
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const closed = once(child, "close").then(([status]) => {
    process.removeListener("exit", killWithUs);
    return status as number | null;
  });
  const way = await waitFor("login to show the way", () => {
    if (child.exitCode !== null) throw new Error(`login ended with ${child.exitCode}: ${said()}`);
    const authorizationUrl = /^ {2}(http\S+)$/m.exec(said())?.[1];
    if (authorizationUrl === undefined || !/press Enter/.test(said())) return undefined;
    const redirectUri = new URL(authorizationUrl).searchParams.get("redirect_uri") ?? "";
    return { authorizationUrl, redirectUri };
  });
  return {
    ...way,
    said,
    paste: (text) => void child.stdin?.write(`${text}\n`),
    signal: (name) => void child.kill(name),
    async result() {
      const status = await closed;
      return { status, stdout: Buffer.concat(out).toString("utf8"), stderr: said() };
    },
  };
}

/**
 * Goes through the issuer's pages as a person does, with an account that is there or is made on the way; answers the
 * address at which the browser would come back to the command.
 */
export async function comeBack(
  browser: ScriptLessBrowser,
  { authorizationUrl, redirectUri }: LoginCommand,
  account: Account,
  how: "sign-in" | "sign-up" | "signed in already",
): Promise<URL> {
  const untilBack = (next: URL) => (next.href.startsWith(`${redirectUri}?`) ? undefined : next);
  let page = await browser.follow(authorizationUrl, untilBack);
  if (how === "sign-up") page = await browser.follow(`${page.url}/sign-up`, untilBack);
  const { name, email, password } = account;
  const fields = {
    "sign-in": { email, password },
    "sign-up": { name, email, password, "password-again": password },
    // Nobody gets a code for a program without a click (RFC 8252 section 8.6).
    "signed in already": { answer: "yes" },
  }[how];
  const last = await browser.submit(page, fields, untilBack);
  if (last.location === undefined)
    throw new Error(`The sign-in ended at ${last.url} (${last.status}): ${last.text.slice(0, 2000)}`);
  return last.location;
}
