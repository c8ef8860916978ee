import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { addServerFacts, buildFromCheckout, workerMark } from "./index.ts";
import { loneWorkerFile, readSite, type Site } from "./site.ts";

let folder: string;
let directories: readonly string[];
let site: Site;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "stowage-site-"));
  directories = await Promise.all([buildFromCheckout(folder), buildFromCheckout(folder)]);
  site = await readSite(await buildFromCheckout(folder));
});
after(() => rm(folder, { recursive: true, force: true }));

test("starts at the same time agree on one site and leave nothing else behind", async () => {
  assert.equal(new Set(directories).size, 1);
  assert.equal((await readdir(folder)).length, 1);
});

test("everything that the page names is there, under a name with its hash", () => {
  const paths = new Set(site.assets.map(({ path }) => path));
  const named = [...site.page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
  assert.ok(named.length >= 4, "a style, a script, an icon and the letters");
  for (const path of named) assert.ok(paths.has(path), `${path} is not built`);
  for (const { path } of site.assets) assert.match(path, /-[A-Z0-9]{8}\.[a-zA-Z0-9.]+$/);
});

test("the page has no script and no style of its own, which its policy would not allow", () => {
  assert.doesNotMatch(site.page, /<script(?![^>]* src=)/);
  assert.doesNotMatch(site.page, /<style|\sstyle=|\son[a-z]+=/);
});

test("the service worker keeps everything that is served, and the one for other sites nothing", async () => {
  for (const { path, body } of site.assets.filter((asset) => !asset.path.endsWith(".txt"))) {
    const digest = createHash("sha256").update(body).digest("base64");
    assert.ok(site.worker.includes(`"${path}":"sha256-${digest}"`), path);
  }
  const lone = await readFile(join(directories[0] ?? "", loneWorkerFile), "utf8");
  assert.ok(lone.startsWith(workerMark));
  assert.doesNotMatch(lone, /caches\.|"fetch"/);
});

test("compressed bodies are those of their files", () => {
  const sha = (body: Buffer) => createHash("sha256").update(body).digest("hex");
  const scripts = site.assets.filter(({ path }) => path.endsWith(".js"));
  assert.ok(scripts.length > 0);
  for (const { body, brotli, gzip } of scripts) {
    if (brotli) assert.equal(sha(brotliDecompressSync(brotli)), sha(body));
    if (gzip) assert.equal(sha(gunzipSync(gzip)), sha(body));
  }
  assert.ok(scripts.some(({ brotli }) => brotli));
});

test("what a server says of itself is put into the page as text", () => {
  const page = addServerFacts(site.page, { publicUrl: `https://a.example/"><b>$&`, signUp: "invited" });
  assert.match(page, /content="https:\/\/a\.example\/&#34;&#62;&#60;b&#62;\$&#38;"/);
  assert.match(page, /<meta name="stowage-sign-up" content="invited">/);
  assert.doesNotMatch(page, /\{\{/);
});

test("what the first screen loads of scripts is at most 140 kB, gzipped", () => {
  const first = [...site.page.matchAll(/(?:href|src)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path);
  const bytes = site.assets
    .filter(({ path }) => first.includes(path))
    .map(({ body }) => gzipSync(body, { level: 9 }).byteLength);
  assert.equal(bytes.length, first.length);
  const sum = bytes.reduce((all, each) => all + each, 0);
  assert.ok(sum > 50_000 && sum <= 140_000, `${sum} bytes`);
});
