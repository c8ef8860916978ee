import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import { type Reply, type ScriptedServer, startScriptedServer } from "@stowage/client/testing";
import { type CapturedRun, capturedRun, type RunOptions } from "../../testing/captured-run.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { type CredentialsFile, openCredentialsFile } from "../credentials-file.ts";
import { followRedirects } from "./follow-redirects.ts";
import { startProvider, type TestProvider, type TestProviderOptions } from "./start-provider.testing.ts";

export interface SignInScene {
  readonly provider: TestProvider;
  readonly server: ScriptedServer;
  /** What the server says of itself; change it as a test wants. */
  metadata: Record<string, unknown>;
  /** Answers instead of the metadata, where a test wants that. */
  metadataReply: Reply | undefined;
  /** Of `POST /v1/me/sign-out-everywhere`. */
  everywhereReply: Reply;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly file: CredentialsFile;
  run(line: string, options?: RunOptions): Promise<CapturedRun>;
  /** Runs `stowage login`, with something that acts once the address is shown. */
  login(
    act?: (way: Way) => Promise<void>,
    options?: RunOptions & { readonly line?: string },
  ): Promise<CapturedRun>;
  /** Signs in as a browser on this machine would. */
  signIn(): Promise<CapturedRun>;
}

/** A sign-in under way. */
export interface Way {
  readonly authorizationUrl: string;
  readonly redirectUri: string;
  /** Signs in at the issuer, up to the redirect that the browser would follow. */
  atRedirect(): Promise<URL>;
  paste(text: string): void;
  stop(): void;
}

/** A server that is signed in to at a real OpenID provider, and a person with a home of their own. */
export async function setUpSignIn(t: TestContext, options: TestProviderOptions = {}): Promise<SignInScene> {
  const provider = await startProvider(options);
  t.after(() => provider.close());
  const server = await startScriptedServer({
    tokens: provider.accessTokens,
    fault: ({ path }) =>
      path === "/.well-known/oauth-protected-resource"
        ? (scene.metadataReply ?? {
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify(scene.metadata),
          })
        : path === "/v1/me/sign-out-everywhere"
          ? scene.everywhereReply
          : undefined,
  });
  t.after(() => server.close());
  const home = await temporaryFolder(t);
  const env = { STOWAGE_SERVER: server.url, HOME: home, XDG_CONFIG_HOME: join(home, ".config") };

  const login: SignInScene["login"] = async (
    act = arriveByBrowser,
    { line = "login", ...runOptions } = {},
  ) => {
    const stdin = new PassThrough();
    const stopped = new AbortController();
    let acting: Promise<void> | undefined;
    const result = await capturedRun(line.split(" "), {
      env,
      cwd: home,
      stdin,
      signal: stopped.signal,
      ...runOptions,
      onSay(words) {
        const authorizationUrl = /^ {2}(http\S+)$/m.exec(words)?.[1];
        const redirectUri = /\((http:\S+)\?…\)/.exec(words)?.[1];
        if (acting || authorizationUrl === undefined || redirectUri === undefined) return;
        acting = act({
          authorizationUrl,
          redirectUri,
          atRedirect: () => followRedirects(authorizationUrl, ({ href }) => href.startsWith(redirectUri)),
          paste: (text) => void stdin.write(`${text}\n`),
          stop: () => stopped.abort(),
        });
      },
    });
    await acting;
    return result;
  };

  const scene: SignInScene = {
    provider,
    server,
    metadata: {
      resource: server.url,
      authorization_servers: [provider.issuer],
      scopes_supported: ["files:read"],
      bearer_methods_supported: ["header"],
      stowage_clients: {
        cli: { client_id: "stowage-cli", scope: "openid email offline_access files:read" },
      },
    },
    metadataReply: undefined,
    everywhereReply: { status: 204, body: "" },
    env,
    home,
    file: openCredentialsFile(join(home, ".config", "stowage", "credentials.json")),
    run: (line, runOptions = {}) => capturedRun(line.split(" "), { env, cwd: home, ...runOptions }),
    login,
    signIn: () => login(),
  };
  return scene;
}

async function arriveByBrowser(way: Way): Promise<void> {
  await (await fetch(await way.atRedirect())).text();
}
