interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** As much of a browser as signing in needs: it keeps cookies by name and path, and follows no redirect by itself. */
export interface TestBrowser {
  readonly cookies: readonly Cookie[];
  /** A navigation. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** A form sent by a page of `origin`, which is the form's own where none is given. */
  post(
    url: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** Follows redirects from an answer until one leads to another origin or path than `below`, or there is none. */
  follow(response: Response, below: string): Promise<Response>;
}

const maxRedirects = 10;

export function openTestBrowser(): TestBrowser {
  let cookies: Cookie[] = [];
  const keep = (response: Response): Response => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(/; ?/);
      const at = pair.indexOf("=");
      const name = pair.slice(0, at);
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? "/";
      const isRemoval = attributes.some((each) => /^expires=Thu, 01 Jan 1970/i.test(each));
      cookies = cookies.filter((each) => each.name !== name || each.path !== path);
      if (!isRemoval) cookies.push({ name, value: pair.slice(at + 1), path });
    }
    return response;
  };
  const cookieHeader = (url: string) => {
    const { pathname } = new URL(url);
    const sent = cookies.filter(
      ({ path }) => path === "/" || pathname === path || pathname.startsWith(`${path}/`),
    );
    return { cookie: sent.map(({ name, value }) => `${name}=${value}`).join("; ") };
  };
  const browser: TestBrowser = {
    get cookies() {
      return cookies;
    },
    async get(url, headers = {}) {
      return keep(
        await fetch(url, {
          redirect: "manual",
          headers: { accept: "text/html", ...cookieHeader(url), ...headers },
        }),
      );
    },
    async post(url, form, headers = {}) {
      return keep(
        await fetch(url, {
          method: "POST",
          redirect: "manual",
          headers: { accept: "text/html", origin: new URL(url).origin, ...cookieHeader(url), ...headers },
          body: new URLSearchParams(form),
        }),
      );
    },
    async follow(response, below) {
      let last = response;
      for (let count = 0; count < maxRedirects; count += 1) {
        const location = last.headers.get("location");
        if (location === null) return last;
        const target = new URL(location, below).href;
        if (!target.startsWith(below)) return last;
        last = await browser.get(target);
      }
      throw new Error(`${response.url} redirects without end.`);
    },
  };
  return browser;
}
