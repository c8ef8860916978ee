import { createInterface } from "node:readline";
import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from "openid-client";
import { type CommandContext, CommandError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { describeIssuerFailure } from "./describe-issuer-failure.ts";
import type { SignIn } from "./find-sign-in.ts";
import { listenForRedirect } from "./loopback-listener.ts";
import { judgeRedirect, parsePasted } from "./parse-redirect.ts";
import { refusalOf } from "./refusal.ts";
import type { SignInPage } from "./sign-in-page.ts";

export type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;

interface Options<T> {
  readonly configuration: Configuration;
  readonly signIn: SignIn;
  /** Shows the person where to go, and takes them there. */
  show(authorizationUrl: URL, redirectUri: string): void;
  /** Makes something of the tokens before the browser's page says that all is well. */
  complete(tokens: Tokens): Promise<{ readonly result: T; readonly page: SignInPage }>;
  readonly timeoutMs: number;
}

/**
 * Authorization code with PKCE, state and nonce (RFC 7636, RFC 8252): sends the person to the issuer, and takes the
 * answer that comes first, from the browser on this machine or pasted from another. What is no answer to this sign-in
 * is refused, and the wait goes on.
 *
 * @throws CommandError; AbortError where the person stopped it
 */
export async function authorize<T>(context: CommandContext, options: Options<T>): Promise<T> {
  const { configuration, signIn, timeoutMs } = options;
  const { authorizationCodeGrant, buildAuthorizationUrl, calculatePKCECodeChallenge, ...random } =
    await import("openid-client");
  const pkceCodeVerifier = random.randomPKCECodeVerifier();
  const expectedState = random.randomState();
  const expectedNonce = random.randomNonce();
  const ended = Promise.withResolvers<T>();
  // Told to whoever waits below; nobody does where showing the way failed first.
  ended.promise.catch(() => undefined);

  const takeCode = async (params: URLSearchParams): Promise<SignInPage> => {
    const url = new URL(listener.redirectUri);
    url.search = params.toString();
    try {
      const tokens = await authorizationCodeGrant(
        configuration,
        url,
        { pkceCodeVerifier, expectedState, expectedNonce },
        signIn.resource === undefined ? {} : { resource: signIn.resource },
      );
      const { result, page } = await options.complete(tokens);
      ended.resolve(result);
      return page;
    } catch (cause) {
      const error = cause instanceof CommandError ? cause : exchangeFailed(signIn.issuer, cause);
      ended.reject(error);
      return failedPage(error);
    }
  };

  let taken: Promise<SignInPage> | undefined;
  /** The page for an answer; a sentence where it is none to this sign-in. */
  const answer = (params: URLSearchParams): Promise<SignInPage> | string => {
    const redirect = judgeRedirect(params, expectedState);
    if (redirect.kind === "foreign") return redirect.why;
    // A code is good for one use: whoever comes again sees what became of the first.
    if (redirect.kind === "code") taken ??= takeCode(redirect.params);
    else {
      const error = refusalOf(signIn.issuer, redirect.error, redirect.description);
      taken ??= Promise.resolve(failedPage(error));
      ended.reject(error);
    }
    return taken;
  };

  const listener = await listenForRedirect(signIn.redirectUri, async (params) => {
    const page = answer(params);
    return typeof page === "string" ? foreignPage(page) : page;
  });
  const waiting = new AbortController();
  try {
    const url = buildAuthorizationUrl(configuration, {
      ...signIn.parameters,
      redirect_uri: listener.redirectUri,
      scope: signIn.scope,
      code_challenge: await calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
      nonce: expectedNonce,
      ...(signIn.resource !== undefined && { resource: signIn.resource }),
    });
    options.show(url, listener.redirectUri);
    readPasted(context, waiting.signal, (text) => {
      const params = parsePasted(text, url.href);
      const refused = typeof params === "string" ? params : answer(params);
      if (typeof refused !== "string") return;
      const why = typeof params === "string" ? refused : `That does not belong here: ${refused}.`;
      context.say(`${why} Paste the address again:`);
    });
    return await Promise.race([ended.promise, endOfPatience(context.signal, waiting.signal, timeoutMs)]);
  } finally {
    waiting.abort();
    // The browser gets its page before the listener goes; whoever stops the command does not wait for it.
    if (!context.signal.aborted) await taken;
    await listener.close();
  }
}

/** Calls back with each line of standard input that is not empty, until the signal is aborted. */
function readPasted({ stdin }: CommandContext, signal: AbortSignal, onLine: (text: string) => void): void {
  const lines = createInterface({ input: stdin, terminal: false, signal });
  lines.on("line", (line) => {
    if (line.trim() !== "" && !signal.aborted) onLine(line);
  });
}

/** Rejects when the person stops the command, and when they let it wait for too long. */
function endOfPatience(stopped: AbortSignal, done: AbortSignal, timeoutMs: number): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      const minutes = Math.round(timeoutMs / 60_000);
      reject(
        new CommandError(
          `Nobody came back from the sign-in within ${minutes} minutes: run it again when you can.`,
          4,
        ),
      );
    }, timeoutMs);
    done.addEventListener("abort", () => clearTimeout(timer), { once: true });
    const stop = () => reject(stopped.reason);
    if (stopped.aborted) stop();
    else stopped.addEventListener("abort", stop, { once: true });
  });
}

function exchangeFailed(issuer: string, cause: unknown): CommandError {
  const { kind, code, words } = describeIssuerFailure(cause);
  if (code === "invalid_grant")
    return new CommandError(
      "The issuer takes this answer no longer: it is too old, or was used before. Sign in again.",
      4,
      { cause },
    );
  const again = kind === "unavailable" ? " Try again in a while." : "";
  return new CommandError(`The sign-in failed: the issuer ${escapeText(issuer)} ${words}.${again}`, 1, {
    cause,
  });
}

const failedPage = ({ message }: CommandError): SignInPage => ({
  status: 400,
  title: "You are not signed in",
  text: `${message}\nThe terminal says the same; you may close this page.`,
});

const foreignPage = (why: string): SignInPage => ({
  status: 400,
  title: "This is not the answer to the sign-in",
  text: `Nothing was done with it: ${why}.\nThe terminal still waits for the right one. Open the address that it shows.`,
});
