import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createBrowserUploader, createClient } from "@stowage/client/browser";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { Dropzone, FileImage } from "./dom/index.ts";
import { FileGrid } from "./grid/index.ts";
import { StowageProvider, useUploads } from "./index.ts";
import { FilePicture } from "./picture/index.ts";
import { UploadList } from "./upload-list/index.ts";

const packageUrl = new URL("../package.json", import.meta.url);
const { exports } = JSON.parse(await readFile(packageUrl, "utf8")) as {
  readonly exports: Readonly<Record<string, { readonly source: string }>>;
};

for (const [entry, { source }] of Object.entries(exports))
  test(`${entry} is imported where there is no page, and begins with "use client"`, async () => {
    assert.equal("document" in globalThis, false);
    assert.ok(Object.keys((await import(new URL(source, packageUrl).href)) as object).length > 0);
    assert.match(await readFile(new URL(source, packageUrl), "utf8"), /^"use client";\n/);
  });

const render = (client: Parameters<typeof StowageProvider>[0]["client"], child: ReactNode): string =>
  renderToString(
    createElement(
      QueryClientProvider,
      { client: new QueryClient() },
      createElement(StowageProvider, { client }, child),
    ),
  );

const server = "https://files.example";
const getToken = async () => undefined;

test("hooks and components render on a server", () => {
  const file = { id: "1", name: "a.jpg", version: 1, width: 4, height: 3, derivatives: [] };
  const Count = () => `${useUploads().items.length} uploads`;
  const html = render(
    createBrowserUploader({ server, getToken }),
    createElement(
      "div",
      null,
      createElement(Count),
      createElement(Dropzone),
      createElement(UploadList),
      createElement(FileImage, { file, fallback: "No picture" }),
    ),
  );
  for (const part of ["0 uploads", "Add files", '<ul aria-label="Uploads"', "No picture"])
    assert.ok(html.includes(part), `${part} is missing in ${html}`);
});

test("a client whose queue is kept in browsers renders on a server too", () => {
  const client = createClient({ server, getToken, person: "ada" });
  assert.match(render(client, createElement(UploadList)), /<ul aria-label="Uploads"/);
  client.close();
});

test("a picture in steps has both from the first moment on, and one name", () => {
  const made = (name: string) => ({ name, contentType: "image/webp", width: 40, height: 30, sizeBytes: 9 });
  const file = {
    id: "1",
    name: "a.jpg",
    version: 1,
    width: 400,
    height: 300,
    derivatives: [made("thumbnail"), made("preview")],
  };
  const html = render(createBrowserUploader({ server, getToken }), createElement(FilePicture, { file }));
  assert.deepEqual(
    [...html.matchAll(/alt="([^"]*)"/g)].map(([, alt]) => alt),
    ["", "a.jpg"],
  );
});

test("a grid renders the rows that are seen first where its width is told, and else an empty list", () => {
  const files = Array.from({ length: 1_000 }, (_, at) => ({
    id: `${at}`,
    name: `${at}.jpg`,
    contentType: "image/jpeg",
    owner: { id: "me" },
    state: "ready" as const,
    visibility: "private" as const,
    version: 1,
    conflicts: 0,
    metadata: {},
    createdAt: "2026-11-26T12:00:00Z",
    width: 400,
    height: 300,
    derivatives: [],
    access: { can: [], because: "owner" },
  }));
  const grid = (initialWidth?: number) =>
    render(
      createBrowserUploader({ server, getToken }),
      createElement(FileGrid, { files, ...(initialWidth !== undefined && { initialWidth }) }),
    );
  assert.match(grid(), /<ul [^>]*aria-label="Files"[^>]*><\/ul>/);
  const html = grid(1_000);
  assert.ok(html.includes("0.jpg"));
  const tiles = html.split("<li ").length - 1;
  assert.ok(tiles > 8 && tiles < 80, `${tiles} tiles`);
});
