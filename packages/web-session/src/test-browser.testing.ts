/** As much of a browser as signing in needs: it keeps cookies by host, sends them, and follows redirects one by one. */
export interface TestBrowser {
  /** Cookies of `localhost`, by name. Like a browser's, they don't know ports. */
  readonly cookies: Map<string, string>;
  /** One request, with the cookies and as a navigation; no redirect is followed. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** As a page of the origin sends it. */
  post(
    url: string,
    headers?: Readonly<Record<string, string | undefined>>,
    body?: string,
    method?: string,
  ): Promise<Response>;
  /** Follows redirects from `url` until one leads to `until`, which is not asked for. */
  follow(url: string, until: (url: URL) => boolean): Promise<URL>;
}

const maxRedirects = 20;

export function openTestBrowser(): TestBrowser {
  const cookies = new Map<string, string>();
  const keep = (response: Response): Response => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(/; ?/);
      const at = pair.indexOf("=");
      const isRemoval = attributes.some(
        (each) => /^max-age=0$/i.test(each) || /^expires=Thu, 01 Jan 1970/i.test(each),
      );
      if (isRemoval) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  };
  const cookieHeader = () => ({ cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") });
  const browser: TestBrowser = {
    cookies,
    async get(url, headers = {}) {
      return keep(
        await fetch(url, {
          redirect: "manual",
          headers: {
            "sec-fetch-dest": "document",
            ...cookieHeader(),
            ...headers,
          },
        }),
      );
    },
    async post(url, headers = {}, body = "", method = "POST") {
      const all = Object.entries({
        origin: new URL(url).origin,
        "sec-fetch-site": "same-origin",
        ...cookieHeader(),
        ...headers,
      });
      return keep(
        await fetch(url, {
          method,
          redirect: "manual",
          headers: all.filter((each): each is [string, string] => each[1] !== undefined),
          ...(body === "" ? {} : { body }),
        }),
      );
    },
    async follow(url, until) {
      let at = new URL(url);
      for (let count = 0; count < maxRedirects; count += 1) {
        if (until(at)) return at;
        const response = await browser.get(at.href);
        const location = response.headers.get("location");
        if (location === null)
          throw new Error(`${at.href} answered ${response.status}: ${await response.text()}`);
        at = new URL(location, at);
      }
      throw new Error(`${url} redirects without end.`);
    },
  };
  return browser;
}
