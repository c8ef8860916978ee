import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { createApi } from "./harness/api-client.ts";
import { makeJpeg } from "./harness/images.ts";
import { createScriptLessBrowser } from "./harness/script-less-browser.ts";
import {
  fileTile,
  newAccount,
  openVisitor,
  pickFiles,
  signUp,
  type Visitor,
  waitUntilSignedIn,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;

/** Somebody else's site on the same machine: another port of the same host, which cookies don't tell apart. */
let evil: Server;
let sameSite: string;
let crossSite: string;
let visitor: Visitor;
const account = newAccount("Vera");

suite.prepare(async () => {
  evil = createServer((_request, response) => {
    response
      .setHeader("content-type", "text/html")
      .end("<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>");
  });
  await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
  const { port } = evil.address() as AddressInfo;
  sameSite = `http://localhost:${port}`;
  crossSite = `http://127.0.0.1:${port}`;
  visitor = await openVisitor(suite.browser);
  await signUp(visitor.page, suite.server.web, account);
});
after(async () => {
  if (!skip) evil.close();
});

/** A page of the visitor's browser on somebody else's site. */
async function openElsewhere(origin: string): Promise<Page> {
  const page = await visitor.context.newPage();
  await page.goto(origin);
  return page;
}

test("no token that reads anything is anywhere that a script could read it, and every cookie is kept from scripts and from other sites", {
  skip,
}, async () => {
  const { page, context, watch } = visitor;
  const name = "kept.jpg";
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await fileTile(page, name).waitFor();
  const readable = await page.evaluate(async () => {
    const databases = await Promise.all(
      (await indexedDB.databases()).map(
        ({ name: database }) =>
          new Promise<string>((resolve, reject) => {
            const opening = indexedDB.open(database ?? "");
            opening.onerror = () => reject(opening.error);
            opening.onsuccess = async () => {
              const stores = [...opening.result.objectStoreNames];
              const values = stores.map(
                (store) =>
                  new Promise<unknown>((got) => {
                    const all = opening.result.transaction(store).objectStore(store).getAll();
                    all.onsuccess = () => got(all.result);
                  }),
              );
              resolve(JSON.stringify([database, stores, await Promise.all(values)]));
            };
          }),
      ),
    );
    const caches = await Promise.all(
      (await window.caches.keys()).map(async (key) =>
        (await (await window.caches.open(key)).keys()).map(({ url }) => url),
      ),
    );
    return JSON.stringify({
      cookie: document.cookie,
      local: { ...localStorage },
      session: { ...sessionStorage },
      history: window.history.state as unknown,
      window: window.name,
      databases,
      caches,
      html: document.documentElement.outerHTML,
    });
  });
  // The head of every JSON Web Token. What the service worker sends with may only add files, and is no person's sign-in.
  for (const [token] of readable.matchAll(/eyJ[\w-]{10,}(\.[\w-]+)*/g)) {
    const [head = ""] = token.split(".");
    const { typ } = JSON.parse(Buffer.from(head, "base64url").toString()) as { readonly typ?: string };
    assert.equal(typ, "stowage-capability+jwt", "a token");
    for (const path of ["/v1/files", "/v1/me", "/v1/albums", "/v1/tokens"])
      assert.equal((await createApi(suite.server.api, token).get(path)).status, 403, path);
  }
  assert.equal((JSON.parse(readable) as { readonly cookie: string }).cookie, "");
  const cookies = await context.cookies(suite.server.web);
  const session = cookies.filter((cookie) => cookie.name.includes("session"));
  assert.ok(session.length > 0, cookies.map((cookie) => cookie.name).join(", "));
  for (const cookie of await context.cookies()) {
    assert.ok(cookie.httpOnly, `${cookie.name} can be read by scripts`);
    assert.match(cookie.sameSite, /^(Strict|Lax)$/, cookie.name);
    assert.equal(cookie.domain, "localhost", `${cookie.name} is not of this host alone`);
    assert.ok(!/eyJ[\w-]{10,}\.eyJ/.test(cookie.value), `${cookie.name} holds a token in the clear`);
    // Cookies know no ports: another server on this machine must not meet ours under the same name.
    assert.ok(cookie.name.includes(new URL(suite.server.web).port), `${cookie.name} is not of this port`);
  }
  assert.equal(session[0]?.sameSite, "Strict");
  watch.assertClean();
});

test("the bucket gets no cookie, and the page's addresses no token", { skip }, async () => {
  const { page, context } = visitor;
  const bucket = new URL(suite.server.bucket).origin;
  const sent: Promise<{ readonly url: string; readonly cookie: string | undefined }>[] = [];
  context.on("request", (request) => {
    sent.push(
      request.allHeaders().then(
        ({ cookie }) => ({ url: request.url(), cookie }),
        () => ({ url: request.url(), cookie: undefined }),
      ),
    );
  });
  await page.reload();
  await page.locator(`img[src^="${bucket}"]`).first().waitFor();
  const requests = await Promise.all(sent);
  const toBucket = requests.filter(({ url }) => url.startsWith(bucket));
  assert.ok(toBucket.length > 0, "nothing was asked of the bucket");
  assert.deepEqual(
    toBucket.filter(({ cookie }) => cookie !== undefined),
    [],
  );
  for (const { url } of requests)
    assert.doesNotMatch(url, /access_token|refresh_token|id_token=|eyJ[\w-]{10,}\.eyJ/);
});

test("every answer of the web origin carries the headers that keep it apart", { skip }, async () => {
  const { web, bucket } = suite.server;
  const html = await (await fetch(`${web}/`)).text();
  const script = /<script[^>]+src="(\/[^"]+)"/.exec(html)?.[1];
  assert.ok(script, "the page loads no script");
  const answers = new Map<string, { readonly status: number; readonly headers: Headers }>();
  for (const path of ["/", "/trash", "/files/1", "/?sign-in=failed", script])
    answers.set(path, await fetch(`${web}${path}`, { headers: { accept: "text/html" } }));
  answers.set("the issuer's sign-in", await createScriptLessBrowser(web).follow("/session/sign-in"));

  for (const [path, { headers, status }] of answers) {
    const policy = headers.get("content-security-policy") ?? "";
    const where = `${path}: ${status} ${policy}`;
    assert.equal(headers.get("x-content-type-options"), "nosniff", where);
    if (!(headers.get("content-type") ?? "").startsWith("text/html")) continue;
    const directives = new Map(
      policy.split(";").map((directive) => {
        const [name = "", ...sources] = directive.trim().split(/\s+/);
        return [name, sources] as const;
      }),
    );
    assert.ok(["'none'", "'self'"].includes(directives.get("default-src")?.join(" ") ?? ""), where);
    for (const name of ["script-src", "script-src-elem", "style-src", "default-src"])
      for (const source of directives.get(name) ?? [])
        assert.doesNotMatch(source, /unsafe|^\*|^data:|^https?:$/, `${name} in ${where}`);
    assert.deepEqual(directives.get("frame-ancestors"), ["'none'"], where);
    assert.deepEqual(directives.get("base-uri"), ["'none'"], where);
    assert.ok(directives.has("form-action"), where);
    assert.doesNotMatch(policy, /\*(?![.\w])/, where);
    const origins = [...directives].flatMap(([name, sources]) =>
      name === "form-action" ? [] : sources.filter((source) => source.includes("://")),
    );
    assert.ok(
      origins.every((origin) => origin === new URL(bucket).origin),
      `other origins in ${where}`,
    );
    assert.match(headers.get("referrer-policy") ?? "", /^(no-referrer|same-origin)$/, where);
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", where);
    assert.match(headers.get("cache-control") ?? "", /no-store|no-cache/, where);
  }
  for (const path of ["/session/token", "/v1/me", "/v1/files"]) {
    const answer = await fetch(`${web}${path}`, { method: path.startsWith("/session") ? "POST" : "GET" });
    assert.match(answer.headers.get("cache-control") ?? "", /no-store/, path);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
  }
});

test("a page of another origin can't get a token, sign anybody out or put the page in a frame", {
  skip,
}, async () => {
  const { web } = suite.server;
  for (const origin of [sameSite, crossSite]) {
    const page = await openElsewhere(origin);
    const read = await page.evaluate(async (address) => {
      const tries = [];
      for (const path of ["/session/token", "/session/sign-out"])
        for (const init of [
          { method: "POST", credentials: "include" },
          {
            method: "POST",
            credentials: "include",
            headers: { "content-type": "application/json" },
            body: "{}",
          },
          { method: "GET", credentials: "include" },
        ] as RequestInit[])
          tries.push(
            await fetch(`${address}${path}`, init).then(
              async (answer) => `read ${answer.status}: ${await answer.text()}`,
              () => "refused",
            ),
          );
      return tries;
    }, web);
    assert.deepEqual([...new Set(read)], ["refused"], origin);

    // A form needs no permission of CORS.
    await page.evaluate((address) => {
      const form = document.createElement("form");
      form.method = "POST";
      form.action = `${address}/session/sign-out`;
      document.body.append(form);
      form.submit();
    }, web);
    await page.waitForURL(`${web}/session/sign-out`);
    assert.match(await page.content(), /cross-site/, origin);

    for (const path of ["/", "/oidc/auth?client_id=stowage-web"]) {
      await page.goto(origin);
      await page.evaluate((address) => {
        const frame = document.createElement("iframe");
        frame.src = address;
        document.body.append(frame);
      }, `${web}${path}`);
      const frame = await (await page.waitForSelector("iframe")).contentFrame();
      await page
        .waitForFunction(() => performance.getEntriesByType("resource").length > 0)
        .catch(() => undefined);
      await frame?.waitForLoadState().catch(() => undefined);
      const shown = (await frame?.evaluate(() => document.body?.innerText ?? "").catch(() => "")) ?? "";
      assert.doesNotMatch(shown, /Stowage|Add files|Sign in/, `${path} shows in a frame of ${origin}`);
    }
    await page.close();
  }
  // The visitor has noticed nothing.
  await visitor.page.reload();
  await waitUntilSignedIn(visitor.page);
  visitor.watch.expect(/.*/)();
  const other = await visitor.context.request.post(`${web}/session/token`, { headers: { origin: sameSite } });
  assert.equal(other.status(), 403);
  const none = await visitor.context.request.post(`${web}/session/token`);
  assert.equal(none.status(), 403, "a request that does not say where it is from");
  const own = await visitor.context.request.post(`${web}/session/token`, { headers: { origin: web } });
  assert.equal(own.status(), 200);
  assert.equal(own.headers()["access-control-allow-origin"], undefined);
});
