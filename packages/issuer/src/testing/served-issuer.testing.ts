import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createIssuerHttpHandler, type IssuerEvent, type IssuerHttpOptions, openIssuer } from "../index.ts";
import type { TestBrowser } from "./test-browser.testing.ts";

export const phrase = "correct horse battery staple";
export const cliRedirect = "http://127.0.0.1:49152/callback";

/** One signing key for all issuers of a test file: making one takes a quarter of a second. */
const keySet = (() => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return JSON.stringify({ keys: [privateKey.export({ format: "jwk" })] });
})();

/** An issuer over a fresh directory, served on a free port under `http://localhost:PORT/oidc`. */
export async function serveIssuer(
  t: TestContext,
  {
    now,
    directory = mkdtempSync(join(tmpdir(), "stowage-issuer-")),
    ...options
  }: Partial<IssuerHttpOptions> & { readonly now?: () => Date; readonly directory?: string } = {},
) {
  const keysFile = join(directory, "keys.json");
  if (!existsSync(keysFile)) writeFileSync(keysFile, keySet, { mode: 0o600 });
  const issuer = await openIssuer({ directory, ...(now && { now }) });
  const events: IssuerEvent[] = [];
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const issuerUrl = options.issuerUrl ?? `${origin}/oidc`;
  server.on(
    "request",
    createIssuerHttpHandler({
      issuer,
      issuerUrl,
      signUp: "open",
      onEvent: (event) => events.push(event),
      ...options,
    }),
  );
  t.after(() => {
    server.closeAllConnections();
    server.close();
    issuer.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { issuer, origin, issuerUrl, port, directory, events, webRedirect: `${origin}/session/callback` };
}

export type ServedIssuer = Awaited<ReturnType<typeof serveIssuer>>;

export interface Flow {
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly codeVerifier: string;
}

/** A right authorization request; what is given replaces its parameters, `undefined` takes one out. */
export function newFlow(
  { issuerUrl, webRedirect }: Pick<ServedIssuer, "issuerUrl" | "webRedirect">,
  changes: Readonly<Record<string, string | undefined>> = {},
): Flow {
  const codeVerifier = randomBytes(32).toString("base64url");
  const isCli = changes.client_id === "stowage-cli";
  const all: Record<string, string | undefined> = {
    client_id: "stowage-web",
    redirect_uri: isCli ? cliRedirect : webRedirect,
    response_type: "code",
    scope: "openid email profile offline_access files:read uploads:write",
    state: randomBytes(8).toString("hex"),
    nonce: randomBytes(8).toString("hex"),
    code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
    ...changes,
  };
  const parameters = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { url: `${issuerUrl}/auth?${new URLSearchParams(parameters)}`, parameters, codeVerifier };
}

/** The address of the page's form. */
export async function formAction(response: Response): Promise<string> {
  const [, action = ""] = /<form method="post" action="([^"]+)"/.exec(await response.text()) ?? [];
  return new URL(action, response.url).href;
}

/** Where the browser ends: the client's address with a code, or an error. */
export function clientAnswer(response: Response): URLSearchParams {
  const location = response.headers.get("location");
  if (location === null) throw new Error(`${response.url} answered ${response.status} and leads nowhere.`);
  return new URL(location).searchParams;
}

/** Signs in on the page and ends with a code. */
export async function signIn(
  served: Pick<ServedIssuer, "issuerUrl">,
  browser: TestBrowser,
  flow: Flow,
  account: { readonly email?: string; readonly password?: string } = {},
): Promise<URLSearchParams> {
  const { issuerUrl } = served;
  const page = await browser.follow(await browser.get(flow.url), issuerUrl);
  const answer = await browser.post(await formAction(page), {
    email: account.email ?? "ann@example.com",
    password: account.password ?? phrase,
  });
  return clientAnswer(await browser.follow(answer, issuerUrl));
}

/** A request to the token endpoint, as a client without a secret sends it. */
export async function askToken(
  { issuerUrl }: Pick<ServedIssuer, "issuerUrl">,
  form: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: Record<string, string> }> {
  const response = await fetch(`${issuerUrl}/token`, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

export const exchangeCode = (served: Pick<ServedIssuer, "issuerUrl">, flow: Flow, code: string) =>
  askToken(served, {
    grant_type: "authorization_code",
    client_id: flow.parameters.client_id ?? "",
    redirect_uri: flow.parameters.redirect_uri ?? "",
    code,
    code_verifier: flow.codeVerifier,
  });

export const refresh = (
  served: Pick<ServedIssuer, "issuerUrl">,
  refreshToken: string,
  clientId = "stowage-web",
) => askToken(served, { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken });
