/** What is used of a `ServiceWorkerGlobalScope`; `self` fits. */
export interface ShellScope {
  readonly location: { readonly origin: string };
  addEventListener(type: "install" | "activate", listener: (event: ShellEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: ShellFetch) => void): void;
}

interface ShellEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface ShellFetch extends ShellEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** What the application is made of, as it was built: the same for everybody. */
export interface Shell {
  /** Another one for other assets. */
  readonly key: string;
  /** Paths below `/assets/`, each with the SHA-256 of its content as a fetch takes it (Subresource Integrity, section 3.1). */
  readonly assets: Readonly<Record<string, string>>;
}

const prefix = "stowage-shell ";

/** Where the page is asked for without anything of a person's in it. */
const pagePath = "/";

/** Addresses of screens that are of use without a server; what else begins with a slash is none of this worker's business. */
const screens = /^\/(|trash|shared|albums(\/[^/]+)?|files\/[^/]+)$/;

/** So long the server has for the page before the kept one is shown, which asks for itself. */
const patienceMs = 5_000;

/** Answers of a proxy whose server is away. */
const awayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Has the application start without a network: its page and what that loads are in this worker's cache. No answer of the API, of the
 * session or of the bucket ever is. While there is a network the page comes from the server, so that nothing old is shown.
 */
export function keepShell(scope: ShellScope, { key, assets }: Shell): void {
  const name = prefix + key;
  const known = new Map(Object.entries(assets));

  /** Only the page that is made of these assets: another build's would not start from them. */
  const keepPage = async (answer: Response): Promise<void> => {
    const named = (await answer.clone().text()).match(/\/assets\/[\w.-]+/g) ?? [];
    if (named.length > 0 && named.every((path) => known.has(path)))
      await (await caches.open(name)).put(pagePath, answer);
  };
  const kept = async (path: string) => (await caches.open(name)).match(path, { ignoreVary: true });

  const showPage = async (event: ShellFetch): Promise<Response> => {
    const asked = fetch(event.request).then((answer) => {
      if (answer.status === 200 && !answer.redirected)
        event.waitUntil(keepPage(answer.clone()).catch(() => undefined));
      return answer;
    });
    const inTime = await Promise.race([
      asked.catch(() => undefined),
      new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs)),
    ]);
    if (inTime && !awayStatuses.has(inTime.status)) return inTime;
    return (await kept(pagePath)) ?? asked;
  };

  scope.addEventListener("install", (event) => {
    const keepAll = async () => {
      const cache = await caches.open(name);
      // Not the sender of a cookie: the page is the same for everybody.
      const page = await fetch(pagePath, { credentials: "omit", cache: "no-cache" });
      // What a Wi-Fi that wants a sign-in answers in their place would be kept as a script.
      await cache.addAll(
        Array.from(
          known,
          ([path, integrity]) => new Request(new URL(path, scope.location.origin), { integrity }),
        ),
      );
      if (page.status === 200) await keepPage(page);
    };
    event.waitUntil(keepAll());
  });
  scope.addEventListener("activate", (event) => {
    const forgetOthers = async () => {
      const others = (await caches.keys()).filter((each) => each.startsWith(prefix) && each !== name);
      await Promise.all(others.map((each) => caches.delete(each)));
    };
    event.waitUntil(forgetOthers());
  });
  scope.addEventListener("fetch", (event) => {
    const { method, mode, url } = event.request;
    const { origin, pathname } = new URL(url);
    if (method !== "GET" || origin !== scope.location.origin) return;
    if (mode === "navigate" && screens.test(pathname)) event.respondWith(showPage(event));
    else if (known.has(pathname))
      event.respondWith(kept(pathname).then((found) => found ?? fetch(event.request)));
  });
}
