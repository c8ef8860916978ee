import { CommandError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { describeNetworkFailure } from "./describe-issuer-failure.ts";
import { isLoopback, issuerTimeoutMs, mayUseHttp } from "./issuer-client.ts";

/** How this program signs people in to a server, as the server says it. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  /** RFC 8707's resource, where the issuer wants one. */
  readonly resource?: string;
  /** More for the authorization request, as some issuers want it. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Where the issuer takes only an address of this machine that it knows, port included. */
  readonly redirectUri?: string;
}

interface Options {
  readonly program: string;
  /** Plain http beyond this machine. */
  readonly insecureHttp: boolean;
  readonly signal: AbortSignal;
}

/** RFC 9728 section 3. */
const metadataPath = "/.well-known/oauth-protected-resource";

/**
 * Asks a server how to sign in: its metadata as a protected resource (RFC 9728), with the client that it has for this
 * program.
 *
 * @throws CommandError says what is missing, and what to do
 */
export async function findSignIn(server: string, options: Options): Promise<SignIn> {
  assertSafe(new URL(server), server, options.insecureHttp);
  const json = await fetchMetadata(server, options);
  // Section 3.3: else tokens for one server would be handed to another that speaks in its name.
  if (!isSameResource(json.resource, server))
    throw new CommandError(wrongName(server, json.resource, options.program));
  const signIn = readSignIn(json);
  if (!signIn) throw new CommandError(withoutSignIn(server, options.program));
  const issuer = new URL(signIn.issuer);
  if (issuer.protocol === "http:" && new URL(server).protocol === "https:" && !options.insecureHttp)
    throw new CommandError(
      `The issuer that ${server} names, ${escapeText(signIn.issuer)}, has no https: your password would cross the network in the clear. Tell whoever runs the server.`,
    );
  assertSafe(issuer, signIn.issuer, options.insecureHttp);
  return signIn;
}

function assertSafe(url: URL, written: string, insecureHttp: boolean): void {
  if (url.protocol === "https:" || mayUseHttp(url, insecureHttp)) return;
  throw new CommandError(
    `${escapeText(written)} is not https: what signs you in would cross the network in the clear. Use https, or say --insecure-http.`,
    2,
  );
}

async function fetchMetadata(
  server: string,
  { program, signal }: Options,
): Promise<Readonly<Record<string, unknown>>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(server + metadataPath, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(issuerTimeoutMs)]),
    });
    text = await response.text();
  } catch (cause) {
    signal.throwIfAborted();
    const start = program.startsWith("npm run") ? "npm start" : `${program} up`;
    const advice = isLoopback(new URL(server).hostname)
      ? `Is the server running? ${start} starts it.`
      : "Is this its address, and are you online?";
    throw new CommandError(`${server} can't be reached: ${describeNetworkFailure(cause)}. ${advice}`, 1, {
      cause,
    });
  }
  const target = response.headers.get("location");
  if (response.status >= 300 && response.status < 400 && target !== null)
    throw new CommandError(ledElsewhere(server, target, program));
  if (response.status >= 500)
    throw new CommandError(
      `${server} answers with status ${response.status}: it has trouble of its own right now. Try again in a while.`,
    );
  const json = parseJson(text);
  if (response.status === 200 && json) return json;
  // An older Stowage, or one that signs nobody in, says so in its own way.
  if (isText(json?.code)) throw new CommandError(withoutSignIn(server, program));
  throw new CommandError(
    `${server} answers, but not as Stowage does: is this its address, or is there a page to click through first (a hotel's network)?`,
  );
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    // Something else than Stowage answers.
    return undefined;
  }
}

function readSignIn(json: Readonly<Record<string, unknown>>): SignIn | undefined {
  const issuers = Array.isArray(json.authorization_servers) ? json.authorization_servers.filter(isText) : [];
  const clients = json.stowage_clients;
  const cli = isObject(clients) && isObject(clients.cli) ? clients.cli : undefined;
  if (!cli || !isText(cli.client_id)) return undefined;
  const issuer = isText(cli.issuer) ? issuers.find((one) => one === cli.issuer) : issuers[0];
  if (issuer === undefined || !URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol))
    return undefined;
  const scopes = Array.isArray(json.scopes_supported) ? json.scopes_supported.filter(isText) : [];
  const parameters = isObject(cli.authorization_parameters)
    ? Object.entries(cli.authorization_parameters).flatMap(([name, value]) =>
        isText(value) ? [[name, value] as const] : [],
      )
    : [];
  return {
    issuer,
    clientId: cli.client_id,
    scope: isText(cli.scope)
      ? cli.scope
      : ["openid", "email", "profile", "offline_access", ...scopes].join(" "),
    parameters: Object.fromEntries(parameters),
    ...(isText(cli.resource) && { resource: cli.resource }),
    ...(isText(cli.redirect_uri) && { redirectUri: cli.redirect_uri }),
  };
}

const isSameResource = (resource: unknown, server: string): boolean =>
  isText(resource) && URL.canParse(resource) && new URL(resource).href === new URL(server).href;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function wrongName(server: string, resource: unknown, program: string): string {
  if (!isText(resource) || !URL.canParse(resource))
    return `${server} answers, but does not say what it is. Is this the address of a Stowage server?`;
  return [
    `The server at ${server} is ${escapeText(resource)} to its people, and signs them in under that name only:`,
    "",
    `  ${program} login --server ${escapeText(new URL(resource).origin)}`,
  ].join("\n");
}

function ledElsewhere(server: string, location: string, program: string): string {
  const target = URL.canParse(location, server) ? new URL(location, server).origin : undefined;
  if (target === undefined || target === server)
    return `${server} answers, but not as Stowage does: it leads on to another page. Is this its address?`;
  return [
    `${server} leads on to ${target}. If that is yours:`,
    "",
    `  ${program} login --server ${target}`,
  ].join("\n");
}

const withoutSignIn = (server: string, program: string): string =>
  [
    `${server} offers no sign-in to this program. Ask whoever runs it, or use an access token:`,
    "",
    `  export STOWAGE_TOKEN="$(${program} token app@example.org)"    (on the server's machine)`,
  ].join("\n");
