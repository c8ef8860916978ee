import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sha256Of } from "./harness/transfer.ts";
import { createUpload, intentOf, uploadToEnd } from "./harness/upload.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

const strangeOrigins = ["https://evil.example", "null", "http://localhost", "http://127.0.0.1.evil.example"];

const allows = (headers: Headers): string | null => headers.get("access-control-allow-origin");

test("a page of the web origin may PUT to the bucket with the headers it must set, and no other page may", async () => {
  const picture = await makePng();
  const request = putRequestOf(await createUpload(person.api, intentOf(picture)));
  const preflight = (origin: string) =>
    fetch(request.url, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": Object.keys(request.headers).join(",").toLowerCase(),
      },
    });
  const { headers, status } = await preflight(server.web);
  assert.ok(status === 200 || status === 204, `${status}`);
  assert.equal(allows(headers), server.web);
  assert.match(headers.get("access-control-allow-methods") ?? "", /PUT/);
  const allowed = (headers.get("access-control-allow-headers") ?? "").toLowerCase();
  for (const name of Object.keys(request.headers)) assert.ok(allowed.includes(name.toLowerCase()), allowed);
  assert.notEqual(headers.get("access-control-allow-credentials"), "true");
  for (const origin of strangeOrigins) assert.equal(allows((await preflight(origin)).headers), null, origin);

  const put = await fetch(request.url, {
    method: "PUT",
    headers: { ...request.headers, origin: server.web },
    body: Uint8Array.from(picture),
  });
  assert.equal(put.status, 200);
  assert.equal(allows(put.headers), server.web);
  assert.match((put.headers.get("access-control-expose-headers") ?? "").toLowerCase(), /etag/);
  assert.match(put.headers.get("vary") ?? "", /origin/i);
});

test("a page of the web origin hears why the bucket refused it", async () => {
  const request = putRequestOf(await createUpload(person.api, intentOf(await makePng())));
  const refused = await fetch(`${request.url}&x=1`, {
    method: "PUT",
    headers: { ...request.headers, origin: server.web },
    body: "x",
  });
  assert.equal(refused.status, 403);
  assert.equal(allows(refused.headers), server.web);
});

test("a page of the web origin may read a download, and no other page may", async () => {
  const picture = await makePng();
  const { fileId } = await uploadToEnd(person.api, picture);
  const { url } = await mintDownload(person.api, fileId);
  const read = await fetch(url, { headers: { origin: server.web } });
  assert.equal(allows(read.headers), server.web);
  assert.equal(sha256Of(Buffer.from(await read.arrayBuffer())), sha256Of(picture));
  for (const origin of strangeOrigins)
    assert.equal(allows((await fetch(url, { headers: { origin } })).headers), null, origin);
});

test("the API opens itself to no strange page", async () => {
  for (const origin of strangeOrigins)
    for (const path of ["/v1/me", "/v1/uploads", "/openapi.json", "/v1/nothing"]) {
      const preflight = await fetch(`${server.api}${path}`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type",
        },
      });
      await preflight.arrayBuffer();
      assert.equal(allows(preflight.headers), null, `${origin} ${path}`);
      const plain = await fetch(`${server.api}${path}`, { headers: { origin } });
      await plain.arrayBuffer();
      assert.equal(allows(plain.headers), null, `${origin} ${path}`);
    }
});

test("answers of the API are never stored by caches, and can't be sniffed or framed", async () => {
  for (const path of ["/v1/me", "/v1/files", "/v1/uploads", "/v1/files/none"]) {
    const { headers } = await person.api.get(path);
    assert.match(headers.get("cache-control") ?? "", /no-store/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("set-cookie"), null, path);
    assert.equal(headers.get("x-powered-by"), null, path);
  }
});
