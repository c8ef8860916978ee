import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { PresignedRequest } from "./object-store.ts";
import {
  bytesUnder,
  getOf,
  type ObjectStoreCase,
  putBytes,
  putOf,
  sha256Hex,
  text,
} from "./object-store-case.contract.ts";

const withoutHeader = (request: PresignedRequest, header: string): PresignedRequest => ({
  ...request,
  headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== header)),
});

const withHeader = (request: PresignedRequest, header: string, value: string): PresignedRequest => ({
  ...request,
  headers: { ...request.headers, [header]: value },
});

/** The cases in which a presigned request is sent, as it is or changed by its bearer. */
export const presignedCases: readonly ObjectStoreCase[] = [
  {
    name: "takes a presigned PUT, empty or not, and stores its bytes under its type",
    uses: ["send"],
    async run(scene) {
      for (const sizeBytes of [0, 1, 300_000]) {
        const body = randomBytes(sizeBytes);
        const put = putOf(scene, body);
        assert.equal(await scene.send(scene.store.presignPut(put), body), 200);
        assert.equal(sha256Hex((await bytesUnder(scene.store, put.key)) ?? text("none")), put.sha256);
        assert.equal((await scene.store.head(put.key))?.contentType, put.contentType);
      }
    },
  },
  {
    name: "answers 412 to a presigned PUT that is sent again, and keeps the first bytes",
    uses: ["send"],
    needs: "enforcesIfNoneMatch",
    async run(scene) {
      const put = putOf(scene, text("same size 1"));
      const request = scene.store.presignPut(put);
      assert.equal(await scene.send(request, text("same size 1")), 200);
      assert.equal(await scene.send(request, text("same size 1")), 412);
      const other = { ...putOf(scene, text("same size 2")), key: put.key };
      assert.equal(await scene.send(scene.store.presignPut(other), text("same size 2")), 412);
      assert.deepEqual(await bytesUnder(scene.store, put.key), text("same size 1"));
    },
  },
  {
    name: "answers 412 to a presigned PUT once something was put under its key",
    uses: ["send"],
    needs: "enforcesIfNoneMatch",
    async run(scene) {
      const put = putOf(scene, text("too late"));
      const request = scene.store.presignPut(put);
      assert.equal(await putBytes(scene.store, put.key, text(""), true), "stored");
      assert.equal(await scene.send(request, text("too late")), 412);
      assert.deepEqual(await bytesUnder(scene.store, put.key), text(""));
    },
  },
  {
    name: "refuses a presigned PUT of other bytes than those signed, and keeps nothing of them",
    uses: ["send"],
    needs: "enforcesChecksum",
    async run(scene) {
      const put = putOf(scene, text("declared"));
      const status = await scene.send(scene.store.presignPut(put), text("delivers"));
      assert.ok(status >= 400 && status < 500, `${status}`);
      assert.equal(await scene.store.head(put.key), undefined);
      assert.equal(await scene.send(scene.store.presignPut(put), text("declared")), 200);
    },
  },
  {
    name: "answers 403 to a presigned PUT of another length, and keeps nothing of it",
    uses: ["send"],
    async run(scene) {
      const put = putOf(scene, text("eight by"));
      const request = scene.store.presignPut(put);
      for (const bytes of [text("eight bytes"), text("eight"), text("")])
        assert.equal(await scene.send(request, bytes), 403);
      assert.equal(await scene.store.head(put.key), undefined);
    },
  },
  {
    name: "answers 403 to a presigned PUT with a signed header left out or changed",
    uses: ["send"],
    async run(scene) {
      const put = putOf(scene, text("body"));
      const request = scene.store.presignPut(put);
      for (const name of Object.keys(request.headers))
        assert.equal(await scene.send(withoutHeader(request, name), text("body")), 403, `without ${name}`);
      const changed = [
        ["content-type", "text/html"],
        ["if-none-match", '"0123456789abcdef0123456789abcdef"'],
        ["x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
      ] as const;
      for (const [name, value] of changed)
        assert.equal(await scene.send(withHeader(request, name, value), text("body")), 403, `other ${name}`);
      assert.equal(await scene.store.head(put.key), undefined);
    },
  },
  {
    name: "answers 403 to a presigned PUT with an x-amz header that was not signed",
    uses: ["send"],
    needs: "enforcesSignedHeaders",
    async run(scene) {
      const put = putOf(scene, text("body"));
      const request = scene.store.presignPut(put);
      for (const [name, value] of [
        ["x-amz-acl", "public-read"],
        ["x-amz-meta-note", "of mine"],
        ["x-amz-storage-class", "STANDARD"],
      ] as const)
        assert.equal(await scene.send(withHeader(request, name, value), text("body")), 403, name);
      assert.equal(await scene.store.head(put.key), undefined);
    },
  },
  {
    name: "answers 403 to a presigned request for another key, method, life or query",
    uses: ["send", "fetchBytes"],
    async run(scene) {
      const put = putOf(scene, text("body"));
      await putBytes(scene.store, `${put.key}/beside`, text("not theirs"));
      const request = scene.store.presignPut(put);
      const get = scene.store.presignGet(getOf(scene, put.key));
      const changes: ((url: string) => string)[] = [
        (url) => url.replace(put.key, `${put.key}/beside`),
        (url) => url.replace("=600", "=601"),
        (url) => `${url}&versionid=1`,
      ];
      for (const change of changes) {
        assert.notEqual(change(request.url), request.url);
        assert.notEqual(change(get.url), get.url);
        assert.equal(await scene.send({ ...request, url: change(request.url) }, text("body")), 403);
        assert.equal((await scene.fetchBytes({ ...get, url: change(get.url) })).status, 403);
      }
      assert.equal((await scene.fetchBytes({ ...request, method: "GET" })).status, 403);
      assert.equal(await scene.send({ ...get, method: "PUT" }, text("body")), 403);
      assert.equal(await scene.store.head(put.key), undefined);
      assert.deepEqual(await bytesUnder(scene.store, `${put.key}/beside`), text("not theirs"));
    },
  },
  {
    name: "answers 403 to a presigned request whose time has run out",
    uses: ["send", "fetchBytes"],
    async run(scene) {
      const signedAtMs = scene.nowMs() - 62_000;
      const put = putOf(scene, text("late"), { signedAtMs, expiresInSeconds: 60 });
      assert.equal(await scene.send(scene.store.presignPut(put), text("late")), 403);
      assert.equal(await scene.store.head(put.key), undefined);
      await putBytes(scene.store, put.key, text("late"));
      const get = getOf(scene, put.key, { signedAtMs, expiresInSeconds: 60 });
      assert.equal((await scene.fetchBytes(scene.store.presignGet(get))).status, 403);
    },
  },
  {
    name: "lets a presigned request live to its end and not beyond",
    uses: ["send", "fetchBytes", "advance"],
    async run(scene) {
      const put = putOf(scene, text("in time"), { expiresInSeconds: 60 });
      const putRequest = scene.store.presignPut(put);
      const getRequest = scene.store.presignGet(getOf(scene, put.key, { expiresInSeconds: 60 }));
      await scene.advance(50_000);
      assert.equal(await scene.send(putRequest, text("in time")), 200);
      assert.equal((await scene.fetchBytes(getRequest)).status, 200);
      await scene.advance(Math.max(putRequest.expiresAtMs, getRequest.expiresAtMs) - scene.nowMs());
      assert.equal(await scene.send(putRequest, text("in time")), 403);
      assert.equal((await scene.fetchBytes(getRequest)).status, 403);
    },
  },
  {
    name: "answers a presigned GET with the bytes and the headers that were asked for",
    uses: ["fetchBytes"],
    async run(scene) {
      const { key } = putOf(scene, text(""));
      const body = randomBytes(200_000);
      await putBytes(scene.store, key, body);
      const get = getOf(scene, key);
      const answer = await scene.fetchBytes(scene.store.presignGet(get));
      assert.equal(answer.status, 200);
      assert.equal(sha256Hex(answer.bytes), sha256Hex(body));
      assert.equal(answer.headers.get("content-type"), get.responseContentType);
      assert.equal(answer.headers.get("content-disposition"), get.responseContentDisposition);
      assert.equal(answer.headers.get("cache-control"), get.responseCacheControl);
      const nothing = await scene.fetchBytes(scene.store.presignGet(getOf(scene, scene.newKey())));
      assert.equal(nothing.status, 404);
    },
  },
  {
    name: "answers a presigned GET with nosniff and a sandboxing policy",
    uses: ["fetchBytes"],
    needs: "setsSecurityHeaders",
    async run(scene) {
      const { key } = putOf(scene, text(""));
      await putBytes(scene.store, key, text("<script>alert(1)</script>"));
      const get = getOf(scene, key, { responseContentType: "text/html" });
      const { headers } = await scene.fetchBytes(scene.store.presignGet(get));
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.match(headers.get("content-security-policy") ?? "", /(^|[;,]\s*)sandbox\b/);
    },
  },
];
