import type { Account } from "./web-page.ts";

/** What one hop answered. */
export interface Hop {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it leads, resolved. */
  readonly location: URL | undefined;
}

/** Changes an address on its way from an answer to the next request; answers it, or nothing to stop there. */
export type Bend = (url: URL) => URL | undefined;

/**
 * A browser without scripts and without a window: keeps cookies, follows redirects one by one and sends forms, so that
 * a test can bend what is between two hops.
 */
export interface ScriptLessBrowser {
  readonly cookies: ReadonlyMap<string, string>;
  /** One request; its redirect is not followed. */
  request(method: string, url: URL | string, form?: Readonly<Record<string, string>>): Promise<Hop>;
  /** Follows redirects from an address to a page, each bent on its way. */
  follow(url: URL | string, bend?: Bend): Promise<Hop>;
  /** Sends the form of a page, its hidden fields included, and follows. */
  submit(page: Hop, fields: Readonly<Record<string, string>>, bend?: Bend): Promise<Hop>;
  /** Goes through the code flow of the web page; answers where it ends. */
  signIn(account: Account, bend?: Bend, path?: string): Promise<Hop>;
  /** What `POST /session/token` answers to this browser's own page. */
  askForToken(): Promise<Hop>;
  /** As if a site had set it. */
  keep(name: string, value: string): void;
}

const mostHops = 12;

const unescapeHtml = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

/** @param sent headers of every request, over the browser's own */
export function createScriptLessBrowser(
  web: string,
  sent: Readonly<Record<string, string>> = {},
): ScriptLessBrowser {
  const cookies = new Map<string, string>();

  const keepCookies = (headers: Headers) => {
    for (const line of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const isEnded = /;\s*max-age=0\b/i.test(line) || /;\s*expires=Thu, 01 Jan 1970/i.test(line);
      if (isEnded) cookies.delete(name);
      else cookies.set(name, value);
    }
  };

  const browser: ScriptLessBrowser = {
    cookies,
    async request(method, address, form) {
      const url = new URL(address, web);
      const answer = await fetch(url, {
        method,
        redirect: "manual",
        headers: {
          accept: "text/html",
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          ...(method === "GET" ? {} : { origin: web }),
          ...sent,
        },
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      });
      keepCookies(answer.headers);
      const location = answer.headers.get("location");
      return {
        url,
        status: answer.status,
        headers: answer.headers,
        text: await answer.text(),
        location: location === null ? undefined : new URL(location, url),
      };
    },
    async follow(address, bend = (url) => url) {
      let hop = await browser.request("GET", address);
      for (let count = 0; hop.location !== undefined; count += 1) {
        if (count >= mostHops) throw new Error(`Redirected without end: ${hop.url} → ${hop.location}`);
        const next = bend(hop.location);
        if (next === undefined) return hop;
        hop = await browser.request("GET", next);
      }
      return hop;
    },
    async submit(page, fields, bend = (url) => url) {
      const target = /<form[^>]*\baction="([^"]*)"/.exec(page.text)?.[1];
      if (target === undefined)
        throw new Error(`${page.url} (${page.status}) has no form: ${page.text.slice(0, 500)}`);
      const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
        ([, name = "", value = ""]) => [name, unescapeHtml(value)] as const,
      );
      const form = { ...Object.fromEntries(hidden), ...fields };
      const hop = await browser.request("POST", new URL(unescapeHtml(target), page.url), form);
      const next = hop.location === undefined ? undefined : bend(hop.location);
      return next === undefined ? hop : browser.follow(next, bend);
    },
    async signIn({ email, password }, bend = (url) => url, path = "/session/sign-in") {
      const page = await browser.follow(path, bend);
      // The issuer may have refused the request already, or know this browser.
      return /name="password"/.test(page.text) ? browser.submit(page, { email, password }, bend) : page;
    },
    askForToken: () => browser.request("POST", "/session/token"),
    keep(name, value) {
      cookies.set(name, value);
    },
  };
  return browser;
}
