import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import {
  assertAccepted,
  assertRejected,
  inspectBytes,
  inspectorFor,
  temporaryDirectory,
} from "./inspect-bytes.test-data.ts";
import type { Inspection } from "./inspection.ts";
import { quarters } from "./made-images.test-data.ts";
import { activeInSvg, isSvg } from "./svg-text.ts";

const inspector = inspectorFor({ after });
const inspect = (svg: string, type = "image/svg+xml"): Promise<Inspection> =>
  inspectBytes(inspector, Buffer.from(svg), type, {
    allowedContentTypes: ["image/svg+xml", "image/png"],
    derivatives: [{ name: "thumbnail", width: 320, height: 320, fit: "contain" }],
  });

const svg = (content: string, attributes = 'width="400" height="200"'): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`;
const red = '<rect width="400" height="200" fill="#dc1e1e"/>';

async function colourOf(inspection: Inspection): Promise<readonly number[]> {
  assertAccepted(inspection);
  const [thumbnail] = inspection.derivatives;
  assert.ok(thumbnail);
  const { channels } = await sharp(thumbnail.bytes).flatten({ background: "#fff" }).stats();
  return channels.map(({ mean }) => Math.round(mean));
}

test("a drawing has a size and a thumbnail, and nothing in it is said to be active", async () => {
  const inspection = await inspect(`<?xml version="1.0"?>\n<!-- by hand -->\n${svg(red)}`);
  assertAccepted(inspection);
  assert.deepEqual([inspection.image?.width, inspection.image?.height], [400, 200]);
  assert.equal(inspection.activeContent, undefined);
  assert.deepEqual([inspection.derivatives[0]?.width, inspection.derivatives[0]?.height], [320, 160]);
  const [r = 0, g = 0, b = 0] = await colourOf(inspection);
  assert.ok(r > 200 && g < 60 && b < 60, `${r} ${g} ${b}`);
});

test("a drawing passes for no other picture, and is taken only where it is named", async () => {
  assertRejected(await inspect(svg(red), "image/png"), "type-mismatch");
  assertRejected(await inspectBytes(inspector, Buffer.from(svg(red)), "image/svg+xml"), "type-not-allowed");
});

test("no file is read and nothing is fetched, whatever a drawing refers to", async (t) => {
  const connections: string[] = [];
  const server = createServer((request, response) => {
    connections.push(request.url ?? "");
    response.end();
  });
  server.on("connection", () => connections.push("connection"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const canary = join(temporaryDirectory(t), "canary.png");
  writeFileSync(canary, await quarters(400, 200).png().toBuffer());
  const canarySvg = join(temporaryDirectory(t), "canary.svg");
  writeFileSync(canarySvg, svg(`<g id="a">${red}</g>`));
  for (const target of [canary, `file://${canary}`, `http://127.0.0.1:${address.port}/a.png`]) {
    for (const content of [
      `<image href="${target}" width="400" height="200"/>`,
      `<image xlink:href="${target}" width="400" height="200"/>`,
      `<use href="${canarySvg}#a"/><use xlink:href="file://${canarySvg}#a"/>`,
      `<style>@import url("${target}"); svg { background: url(${target}) }</style>`,
      `<filter id="f"><feImage href="${target}"/></filter><rect width="400" height="200" fill="#fff" filter="url(#f)"/>`,
      `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${target}" parse="text"/>`,
      `<text font-family="x" fill="url(${target}#a)">text</text>`,
    ]) {
      const inspection = await inspect(svg(content));
      assertAccepted(inspection);
      assert.deepEqual(inspection.activeContent, ["external"], content);
      const [r = 0, g = 0, b = 0] = await colourOf(inspection);
      assert.ok(Math.max(r, g, b) - Math.min(r, g, b) < 20, `${content}: ${r} ${g} ${b}`);
    }
  }
  assert.deepEqual(connections, []);
});

test("entities are not looked up: neither files nor a billion laughs", async () => {
  const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join(
    "",
  );
  for (const declared of ['<!ENTITY x SYSTEM "file:///etc/passwd">', `<!ENTITY l0 "lol">${laughs}`]) {
    const bomb = `<!DOCTYPE svg [${declared}]>${svg("<text>&x;&l9;</text>")}`;
    assertRejected(await inspect(bomb), "processing-failed");
  }
});

test("what would run or fetch in a browser is said", () => {
  const found = (content: string): string[] => [...activeInSvg(Buffer.from(svg(content)))];
  assert.deepEqual(found("<script>alert(1)</script>"), ["javascript"]);
  assert.deepEqual(found("<svg:script/>"), ["javascript"]);
  assert.deepEqual(found('<rect onload="alert(1)"/>'), ["javascript"]);
  assert.deepEqual(found('<a href="&#106;avascript:alert(1)"/>'), ["javascript"]);
  assert.deepEqual(found("<foreignObject><p/></foreignObject>"), ["embedded-files"]);
  assert.deepEqual(found('<image href="https://x.example/a.png"/>'), ["external"]);
  assert.deepEqual(found('<a href="https://x.example/"><rect fill="url(#a)"/></a><use href="#a"/>'), []);
  assert.deepEqual(found('<image href="data:image/png;base64,AAAA"/>'), []);
});

test("what would run or fetch is found however it is written", () => {
  const found = (content: string): string[] => [...activeInSvg(Buffer.from(svg(content)))];
  for (const script of [
    '<a.b:script xmlns:a.b="http://www.w3.org/2000/svg"/>',
    '<é:script xmlns:é="http://www.w3.org/2000/svg"/>',
    "<a><![CDATA[<b>]]><SCRIPT/></a>",
    '<g title=">" onload="x"/>',
    "<g\nonload\n=\n'x'/>",
    '<set attributeName="href" to="java&#x0A;script:x"/>',
    '<animate attributeName="xlink:href" values="#a;javascript:x"/>',
    '<set attributeName="onclick" to="x"/>',
    '<a xlink:href=" &#13;javascript&colon;x"/>',
    "<handler/>",
  ])
    assert.ok(found(script).includes("javascript"), script);
  for (const reference of [
    "<style>@\\69mport 'a.css'</style>",
    "<style>@im<!-- -->port 'a.css'</style>",
    "<style>@im<g>x</g>port 'a.css'</style>",
    "<style><![CDATA[a{fill:u\\72 l(http://x/)}]]></style>",
    "<style>a{b:'/*';fill:url(x);c:'*/'}</style>",
    "<style>a{background:image-set(/**/'http://x/' 1x)}</style>",
    '<g style="fill:\\75rl(x.svg#a)"/>',
    '<g fill="u&#114;l(x.svg#a)"/>',
    '<use a.b:href="x.svg#a" xmlns:a.b="http://www.w3.org/1999/xlink"/>',
    '<image href="&#104;ttp://x/"/>',
    '<g xml:base="http://x/"><use href="#a"/></g>',
    '<use href="#a"><animate attributeName="href" to="x.svg#a"/></use>',
    '<link xmlns="http://www.w3.org/1999/xhtml" rel="stylesheet" href="a.css"/>',
    `<style>a{fill:url(${" ".repeat(250)}http://x/)}</style>`,
    `<style>a{fill:url('${" ".repeat(250)}http://x/')}</style>`,
    `<style>a{mask:image-set('${" ".repeat(3000)}http://x/' 1x)}</style>`,
    "<style>a{mask:image-set(url(#a) 1x, 'http://x/' 2x)}</style>",
    "<style>@import 'data:text/css,x'</style>",
    '<h:link rel="preload" imagesrcset="http://x/ 1x"/>',
    '<a href="#a" ping="http://x/"/>',
    "<?xml-stylesheet href='a.css'?>",
  ])
    assert.deepEqual(found(reference), ["external"], reference);
  for (const within of [
    "<fo.o:foreignObject/>",
    '<use href="data:image/svg+xml,x"/>',
    '<a href="data:text/html,x"/>',
  ])
    assert.deepEqual(found(within), ["embedded-files"], within);
});

test("of attributes that differ in their prefix or case alone, any counts", () => {
  const found = (content: string): string[] => [...activeInSvg(Buffer.from(svg(content)))];
  for (const script of [
    '<set q:attributeName="fill" attributeName="onclick" to="x"/>',
    '<a><animate q:attributeName="fill" attributeName="href" values="javascript:x"/></a>',
    '<set ATTRIBUTENAME="fill" attributeName="onclick" to="x"/>',
  ])
    assert.ok(found(script).includes("javascript"), script);
  for (const reference of [
    '<h:link q:rel="author" rel="stylesheet" href="http://x/a.css"/>',
    '<h:meta q:http-equiv="a" http-equiv="refresh" content="0;url=http://x/"/>',
  ])
    assert.deepEqual(found(reference), ["external"], reference);
});

test("a drawing with more attributes than anybody writes is said to do what can't be looked into, at once", () => {
  const many = Array.from({ length: 20_000 }, (_, n) => `a${n}:to="b"`).join(" ");
  const before = performance.now();
  const found = activeInSvg(Buffer.from(svg(`<set ${many} attributeName="x"/>`)));
  assert.deepEqual([...found].sort(), ["external", "javascript"]);
  // Each looked up for each took twenty seconds.
  assert.ok(performance.now() - before < 5000);
});

test("words about what would run or fetch are words", () => {
  for (const content of [
    "<!-- <script/> onload='x' --><text>&lt;script> javascript:x url(http://x/) onload = 'x'</text>",
    "<desc><![CDATA[<script>]]></desc>",
    '<g inkscape:onload="x" data-href="http://x/" aria-label="javascript:x"/>',
    "<style>@namespace svg url(http://www.w3.org/2000/svg); a{fill:url(#b);src:url(data:font/woff,x)}</style>",
    '<animate attributeName="fill" values="url(#a);url(#b)"/>',
    '<image href="data:image/svg+xml,x"/>',
    '<metadata><cc:license rdf:resource="http://creativecommons.org/"/></metadata>',
  ])
    assert.deepEqual([...activeInSvg(Buffer.from(svg(content)))], [], content);
});

test("what is huge, deep or endless ends in a verdict", async () => {
  assertRejected(await inspect(svg(red, 'width="100000" height="100000"')), "too-many-pixels");
  const deep = await inspect(svg("<g>".repeat(100_000) + "</g>".repeat(100_000)));
  assert.ok(["accepted", "rejected"].includes(deep.verdict));
  assertRejected(await inspect(svg(red).slice(0, -20)), "corrupt");
});

test("a root is found behind what may come before it, and no other text is a drawing", () => {
  assert.ok(
    isSvg(
      '\ufeff<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD" "http://x"><!-- <html> --><svg>'.replace(
        "\ufeff",
        "\u00ef\u00bb\u00bf",
      ),
    ),
  );
  assert.ok(isSvg("  <s:svg xmlns:s='x'>"));
  for (const other of [
    "<html><svg>",
    "<!-- <svg> -->",
    "text <svg>",
    "<svgx>",
    "",
    "<!doctype html><svg>x".replace("<svg>", "<p><svg>"),
  ])
    assert.equal(isSvg(other), false, other);
  fc.assert(
    fc.property(
      fc.string(),
      (text) => typeof isSvg(text) === "boolean" && activeInSvg(Buffer.from(text)).size >= 0,
    ),
  );
});

test("texts made to be slow are looked through in a moment", () => {
  for (const piece of [
    "<!DOCTYPE",
    "url( ",
    "<a href = ",
    " on",
    "&#",
    "<",
    "j a v a",
    "<!--",
    "<?",
    "<a b='url(",
    "<style>",
    "<a b='\\",
    "<!DOCTYPE a [<!ENTITY a",
  ]) {
    const startedMs = performance.now();
    activeInSvg(Buffer.from(piece.repeat(200_000)));
    isSvg(piece.repeat(6_000));
    assert.ok(performance.now() - startedMs < 10_000, piece);
  }
});
