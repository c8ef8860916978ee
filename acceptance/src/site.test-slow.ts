import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sendRaw } from "./harness/raw-http.ts";
import { type Server, startServer } from "./harness/start-server.ts";

let server: Server;
let page: string;

before(async () => {
  server = await startServer();
  page = await (await fetch(server.web)).text();
});
after(() => server.stop());

const asPerson = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const get = (path: string, headers: Record<string, string> = asPerson, method = "GET") =>
  fetch(server.web + path, { method, headers, redirect: "manual" });

for (const path of [
  "/",
  "/trash",
  "/files/anything",
  "/albums",
  "/albums/anything",
  "/shared",
  "/l",
  "/i",
  "/?sign-in=failed",
])
  test(`GET ${path} is the page, bound by its policy`, async () => {
    const answer = await get(path);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), page);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/html/);
    const policy = new Map(
      (answer.headers.get("content-security-policy") ?? "").split("; ").map((directive) => {
        const [name = "", ...sources] = directive.split(" ");
        return [name, sources.join(" ")];
      }),
    );
    const bucket = new URL(server.bucket).origin;
    assert.deepEqual(Object.fromEntries(policy), {
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "img-src": `'self' data: blob: ${bucket}`,
      "media-src": bucket,
      "connect-src": `'self' ${bucket}`,
      "frame-src": bucket,
      "font-src": "'self'",
      "form-action": "'self'",
      "base-uri": "'none'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "stowage-worker",
      "worker-src": "'self'",
    });
    assert.equal(answer.headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(answer.headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.match(answer.headers.get("permissions-policy") ?? "", /camera=\(\)/);
    assert.equal(answer.headers.get("cache-control"), "no-cache");
    assert.equal(answer.headers.get("strict-transport-security"), null, "plain http can't promise TLS");
    assert.equal(answer.headers.get("set-cookie"), null);
  });

test("the page is not sent again where the browser has it", async () => {
  const etag = (await get("/")).headers.get("etag") ?? "";
  const again = await get("/trash", { ...asPerson, "if-none-match": etag });
  assert.equal(again.status, 304);
});

test("a link to nowhere shows the page to a person, as not found, and a problem to a program", async () => {
  const shown = await get("/no/such/place");
  assert.equal(shown.status, 404);
  assert.equal(await shown.text(), page);
  assert.ok(shown.headers.get("content-security-policy")?.includes("script-src 'self'"));
  const told = await get("/no/such/place", { accept: "application/json" });
  assert.equal(told.status, 404);
  assert.match(told.headers.get("content-type") ?? "", /^application\/problem\+json/);
});

for (const path of ["/v1/nothing", "/v1/files/x", "/assets/none.js", "/oidc/nothing", "/session/nothing"])
  test(`GET ${path} is never the page, whatever is accepted`, async () => {
    const answer = await get(path);
    assert.notEqual(answer.status, 200);
    assert.notEqual(await answer.text(), page);
  });

test("only GET and HEAD are answered by the page's addresses", async () => {
  for (const path of ["/", "/trash", "/files/x"]) {
    const answer = await get(path, asPerson, "POST");
    assert.equal(answer.status, 405);
    assert.match(answer.headers.get("allow") ?? "", /^GET, HEAD$/);
  }
  assert.equal((await get("/no/such/place", asPerson, "DELETE")).status, 404);
  const head = await get("/", asPerson, "HEAD");
  assert.equal(head.status, 200);
  assert.equal(Number(head.headers.get("content-length")), Buffer.byteLength(page));
});

test("what the page loads may be kept for ever, and comes compressed to who can read that", async () => {
  const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
  assert.ok(paths.length >= 4);
  for (const path of paths) {
    const plain = await get(path, { "accept-encoding": "identity" });
    assert.equal(plain.status, 200);
    assert.equal(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(plain.headers.get("vary"), "accept-encoding");
    assert.equal(plain.headers.get("x-content-type-options"), "nosniff");
    const body = Buffer.from(await plain.arrayBuffer());
    for (const encoding of ["br", "gzip"]) {
      const answer = await get(path, { "accept-encoding": encoding });
      // Letters are compressed in themselves.
      if (!path.endsWith(".woff2")) assert.equal(answer.headers.get("content-encoding"), encoding, path);
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), body);
    }
  }
});

test("the service worker comes from the root, is asked for anew, and may talk to this server and the bucket alone", async () => {
  const answer = await get("/stowage-sw.js", {});
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/javascript/);
  assert.equal(answer.headers.get("cache-control"), "no-cache");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.equal(
    answer.headers.get("content-security-policy"),
    `default-src 'none'; connect-src 'self' ${new URL(server.bucket).origin}`,
  );
  const etag = answer.headers.get("etag") ?? "";
  assert.equal((await get("/stowage-sw.js", { "if-none-match": etag })).status, 304);
});

test("no path leads out of the page's assets", async () => {
  for (const target of [
    "/assets/../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/assets//etc/passwd",
    "/assets/",
    "/assets/%00",
  ]) {
    const answer = await sendRaw(server.web, { method: "GET", target });
    assert.ok(answer && answer.status >= 400 && answer.status < 500, `${target}: ${answer?.status}`);
  }
});
