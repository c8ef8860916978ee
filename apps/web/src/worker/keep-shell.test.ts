import assert from "node:assert/strict";
import { test } from "node:test";
import { keepShell, type ShellScope } from "./keep-shell.ts";

const origin = "https://files.example";
const assets = ["/assets/app-ABCDEFGH.js", "/assets/style-ABCDEFGH.css"];
const page = (script = "app-ABCDEFGH.js") => `<script src="/assets/${script}"></script>`;

/** A worker of which the test is the browser: what it keeps, and what it is asked. */
async function startWorker(t: { after(work: () => void): void }) {
  const network = { isThere: true, page: page(), status: 200, asked: [] as string[] };
  const integrities = new Map<string, string>();
  const stores = new Map<string, Map<string, Response>>([["stowage-shell older", new Map()]]);
  const openStore = async (name: string) => {
    const store = stores.get(name) ?? new Map<string, Response>();
    stores.set(name, store);
    return {
      put: async (path: string, answer: Response) => void store.set(path, answer),
      match: async (path: string) => store.get(path)?.clone(),
      async addAll(requests: readonly Request[]) {
        for (const { url, integrity } of requests) {
          const { pathname } = new URL(url);
          integrities.set(pathname, integrity);
          store.set(pathname, await answerOf(pathname));
        }
      },
    };
  };
  const answerOf = async (path: string) => {
    network.asked.push(path);
    if (!network.isThere) throw new TypeError("Failed to fetch");
    return new Response(path.startsWith("/assets/") ? path : network.page, { status: network.status });
  };
  const before = { fetch: globalThis.fetch, caches: globalThis.caches };
  t.after(() => void Object.assign(globalThis, before));
  Object.assign(globalThis, {
    fetch: (asked: string | { readonly url: string }) =>
      answerOf(typeof asked === "string" ? asked : new URL(asked.url).pathname),
    caches: {
      open: openStore,
      keys: async () => [...stores.keys()],
      delete: async (name: string) => stores.delete(name),
    },
  });
  const listeners = new Map<string, (event: never) => void>();
  const scope = {
    location: { origin },
    addEventListener: (type: string, listener: (event: never) => void) => void listeners.set(type, listener),
  };
  keepShell(scope as ShellScope, {
    key: "now",
    assets: Object.fromEntries(assets.map((path) => [path, `sha256-of ${path}`])),
  });
  const happen = async (type: string, event: object = {}) => {
    const work: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
    let answer: Promise<Response> | undefined;
    const respondWith = (promise: Promise<Response>) => {
      answer = promise;
    };
    listeners.get(type)?.({ ...event, waitUntil, respondWith } as never);
    const answered = await answer;
    await Promise.all(work);
    return answered;
  };
  await happen("install");
  await happen("activate");
  return {
    network,
    stores,
    integrities,
    ask: (path: string, { mode = "cors", method = "GET", of = origin } = {}) =>
      happen("fetch", { request: { url: of + path, mode, method } }),
  };
}

test("keeps the page and what it is made of, and of older builds nothing", async (t) => {
  const { stores, integrities } = await startWorker(t);
  assert.deepEqual([...stores.keys()], ["stowage-shell now"]);
  assert.deepEqual([...(stores.get("stowage-shell now")?.keys() ?? [])].sort(), ["/", ...assets].sort());
  // By the browser, which keeps nothing where something else has answered.
  for (const path of assets) assert.equal(integrities.get(path), `sha256-of ${path}`);
});

test("shows each screen without a network, and where a proxy says that the server is away", async (t) => {
  const { network, ask } = await startWorker(t);
  network.status = 502;
  assert.equal(await (await ask("/", { mode: "navigate" }))?.text(), page());
  network.isThere = false;
  for (const path of ["/", "/trash", "/shared", "/albums", "/albums/a1", "/files/f1"])
    assert.equal(await (await ask(path, { mode: "navigate" }))?.text(), page(), path);
  for (const path of assets) assert.equal(await (await ask(path))?.text(), path);
});

test("shows the server's page while there is a network, and keeps that where it is of the same build", async (t) => {
  const { network, ask } = await startWorker(t);
  const other = page("app-HGFEDCBA.js");
  network.page = other;
  assert.equal(await (await ask("/", { mode: "navigate" }))?.text(), other);
  network.isThere = false;
  assert.equal(await (await ask("/", { mode: "navigate" }))?.text(), page());
  network.isThere = true;
  network.page = `${page()}<!-- says something else of its server -->`;
  await ask("/files/f1", { mode: "navigate" });
  network.isThere = false;
  assert.equal(await (await ask("/", { mode: "navigate" }))?.text(), network.page);
});

test("has nothing to do with the API, the session, sign-in, links, other origins, or what changes something", async (t) => {
  const { network, stores, ask } = await startWorker(t);
  const asked = network.asked.length;
  for (const path of [
    "/v1/files",
    "/v1/me",
    "/session/token",
    "/assets/other-ABCDEFGH.js",
    "/healthz",
    "/stowage-sw.js",
  ])
    assert.equal(await ask(path), undefined, path);
  for (const path of [
    "/session/callback",
    "/session/sign-in",
    "/oidc/auth",
    "/v1/files",
    "/l",
    "/i",
    "/files/a/b",
  ])
    assert.equal(await ask(path, { mode: "navigate" }), undefined, path);
  assert.equal(await ask("/", { mode: "navigate", method: "POST" }), undefined);
  assert.equal(await ask("/", { mode: "navigate", of: "https://bucket.example" }), undefined);
  assert.equal(network.asked.length, asked);
  assert.equal(stores.get("stowage-shell now")?.size, 3);
});
