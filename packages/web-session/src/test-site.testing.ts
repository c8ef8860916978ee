import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createWebSession, type WebSessionOptions } from "./index.ts";
import { openTestBrowser, type TestBrowser } from "./test-browser.testing.ts";
import { startTestIssuer, type TestIssuer, type TestIssuerOptions } from "./test-issuer.testing.ts";

export interface TokenAnswer {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly account: { readonly subject: string; readonly email?: string; readonly name?: string };
}

/** A site with an issuer, and a browser. */
export interface TestSite {
  readonly url: string;
  readonly issuer: TestIssuer;
  readonly browser: TestBrowser;
  /** Lines of the log, as JSON. */
  readonly log: readonly string[];
  /** The clock of the site is ahead of the machine's by so much. */
  clock: { aheadMs: number };
  /** Signs a person in, in the browser or another; gives where that ended. */
  signIn(person?: string, browser?: TestBrowser): Promise<URL>;
  /** The callback's URL as the issuer gave it, not gone to yet. */
  beginSignIn(person?: string, browser?: TestBrowser, query?: string): Promise<URL>;
  askToken(browser?: TestBrowser): Promise<Response>;
  token(browser?: TestBrowser): Promise<TokenAnswer>;
  /** Starts the handler anew, as another process would, perhaps with other options. */
  restart(options?: Partial<WebSessionOptions>): void;
}

export const testKey = Buffer.alloc(32, 7);

export async function startTestSite(
  t: TestContext,
  options: TestIssuerOptions & { readonly session?: Partial<WebSessionOptions> } = {},
): Promise<TestSite> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const issuer = await startTestIssuer(t, url, options);
  const log: string[] = [];
  const clock = { aheadMs: 0 };
  const line = (fields: object, message: string) => {
    log.push(JSON.stringify({ ...fields, message }));
  };
  const restart = (changed: Partial<WebSessionOptions> = {}) => {
    server.removeAllListeners("request");
    server.on(
      "request",
      createWebSession({
        publicUrl: url,
        issuer: issuer.url,
        clientId: issuer.clientId,
        ...(issuer.clientSecret === undefined ? {} : { clientSecret: issuer.clientSecret }),
        scope: "openid email profile offline_access",
        key: testKey,
        now: () => new Date(Date.now() + clock.aheadMs),
        logger: { info: line, warn: line, error: line },
        ...options.session,
        ...changed,
      }),
    );
  };
  restart();
  const ownBrowser = openTestBrowser();
  const isCallback = (at: URL) => at.origin === url && at.pathname === "/session/callback";
  const site: TestSite = {
    url,
    issuer,
    browser: ownBrowser,
    log,
    clock,
    restart,
    beginSignIn(person = "ann", browser = ownBrowser, query = "?return=/photos") {
      issuer.person = person;
      return browser.follow(`${url}/session/sign-in${query}`, isCallback);
    },
    async signIn(person = "ann", browser = ownBrowser) {
      const at = await site.beginSignIn(person, browser);
      return browser.follow(at.href, (next) => next.origin === url && !isCallback(next));
    },
    askToken: (browser = ownBrowser) => browser.post(`${url}/session/token`),
    async token(browser = ownBrowser) {
      const response = await site.askToken(browser);
      if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
      return (await response.json()) as TokenAnswer;
    },
  };
  return site;
}
