// Whatever of scripts is uploaded under any type that is allowed, no browser runs it on an origin of ours.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { type ActiveContent, alarm, makeActiveContent } from "./harness/active-content.ts";
import type { Api } from "./harness/api-client.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { apiOf, openVisitor, signUp } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { DownloadsAnswer, StoredFile } from "./harness/wire.ts";

const allowed = [
  ...["image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/avif", "image/heic"],
  ...["application/pdf", "video/mp4", "video/quicktime", "video/webm"],
  // What no profile takes unless it says so, and what none can take: nothing tells HTML by its bytes.
  ...["image/svg+xml", "application/zip", "text/html", "application/xml", "text/javascript"],
];

const types = Object.fromEntries(allowed.map((contentType) => [contentType, 20_000_000]));
const suite = describeWebSuite({ set: { profiles: JSON.stringify({ default: { types } }) } });
const { skip } = suite;

/** Somebody else's site, which leads browsers to addresses in every way there is, and serves bytes as a careless server does. */
let elsewhere: HttpServer;
let elsewhereOrigin = "";
const careless = new Map<string, { readonly bytes: Buffer; readonly type: string | undefined }>();

before(async () => {
  elsewhere = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://elsewhere");
    const served = careless.get(pathname);
    if (served) {
      response.writeHead(200, served.type === undefined ? {} : { "content-type": served.type });
      response.end(served.bytes);
      return;
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(trap(searchParams.get("lure") ?? ""));
  });
  elsewhere.listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  elsewhereOrigin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
});
after(() => elsewhere.close());

/** A page that takes an address for a frame, an object, a script, a module, a worker, a style and a picture. */
const trap = (lure: string): string => {
  const source = lure.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const tags = [
    `<iframe src="${source}"></iframe>`,
    `<iframe sandbox="allow-scripts allow-same-origin allow-popups" src="${source}"></iframe>`,
    `<object data="${source}"></object>`,
    `<object type="text/html" data="${source}"></object>`,
    `<object type="image/svg+xml" data="${source}"></object>`,
    `<embed src="${source}">`,
    `<img src="${source}">`,
    `<link rel="stylesheet" href="${source}">`,
    `<script src="${source}"></script>`,
    `<script type="module" src="${source}"></script>`,
  ];
  return `<!doctype html>${tags.join("\n")}<script>try { new Worker(${JSON.stringify(lure).replaceAll("<", "\\u003c")}) } catch {}</script>`;
};

/** Which scripts of ours ran: every frame of the browser can say so. */
async function openLure(t: { after(work: () => unknown): void }): Promise<{ page: Page; ran: string[] }> {
  const { context, page, watch } = await openVisitor(suite.browser);
  t.after(() => context.close());
  watch.expect(/./);
  const ran: string[] = [];
  await context.exposeFunction(alarm, (what: string) => void ran.push(what));
  page.on("dialog", (dialog) => {
    ran.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  return { page, ran };
}

/** Opens an address by itself, then everywhere in a page of somebody else's, until nothing is loaded any more. */
async function lead(page: Page, url: string): Promise<void> {
  // A download ends the navigation with an error: nothing is shown.
  await page.goto(url).catch(() => undefined);
  await page.goto(`${elsewhereOrigin}/?lure=${encodeURIComponent(url)}`, { waitUntil: "load" });
  await page.waitForLoadState("networkidle");
}

const mint = async (api: Api, files: readonly object[]): Promise<string[]> => {
  const { status, body } = await api.post<DownloadsAnswer>("/v1/downloads", { files });
  assert.equal(status, 200);
  return body.items.flatMap(({ request }) => (request ? [request.url] : []));
};

test("a careless server's bytes do run: what follows could fail", { skip }, async (t) => {
  const { page, ran } = await openLure(t);
  for (const { what, bytes, passesFor, name } of await makeActiveContent()) {
    const type = passesFor ?? (name.endsWith(".svg") ? "image/svg+xml" : undefined);
    careless.set(`/${encodeURIComponent(what)}`, { bytes, type: passesFor ? undefined : type });
    await lead(page, `${elsewhereOrigin}/${encodeURIComponent(what)}`);
  }
  for (const expected of ["html", "svg", "js", "gif", "page before pdf"])
    assert.ok(ran.includes(expected), `${expected} of ${[...new Set(ran)].join(", ")}`);
});

test("scripts under every allowed type are refused, or given out so that nothing runs them", {
  skip,
}, async (t) => {
  const { page, ran } = await openLure(t);
  await signUp(page, suite.server.web);
  const api = await apiOf(page, suite.server.api);
  const kept: ActiveContent[] = [];
  for (const content of await makeActiveContent()) {
    const { what, bytes, passesFor, name } = content;
    for (const contentType of passesFor ? [passesFor] : allowed) {
      const upload = await uploadToEnd(api, bytes, { name, contentType });
      if (upload.state === "rejected") {
        assert.match(upload.rejection?.code ?? "", /^(?:type-mismatch|corrupt|active-content)$/, what);
        continue;
      }
      assert.equal(upload.state, "ready", what);
      assert.ok(passesFor ?? contentType === "image/svg+xml", `${what} passed for ${contentType}`);
      kept.push(content);
      const { body: file } = await api.get<StoredFile>(`/v1/files/${upload.fileId}`);
      const id = file.id;
      const urls = await mint(api, [
        { id, disposition: "inline" },
        { id, disposition: "attachment" },
        ...file.derivatives.map(({ name: derivative }) => ({ id, derivative, disposition: "inline" })),
      ]);
      assert.equal(urls.length, 2 + file.derivatives.length);
      for (const url of urls) {
        const { headers } = await fetch(url);
        assert.equal(headers.get("x-content-type-options"), "nosniff", what);
        assert.match(headers.get("content-security-policy") ?? "", /sandbox/, what);
        await lead(page, url);
      }
      // In our own page, too, where it has an address.
      await page.goto(`${suite.server.web}/files/${id}`);
      await page.waitForLoadState("networkidle");
    }
  }
  assert.deepEqual(ran, []);
  t.diagnostic(`kept: ${kept.map(({ what }) => what).join("; ")}`);
  assert.ok(kept.length >= 4, "polyglots that are pictures, too");
});
