import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest } from "../api.testing.ts";

let api: ApiUnderTest | undefined;
afterEach(() => api?.close());

const sha256 = "ab".repeat(32);
const film = { name: "film.mp4", sizeBytes: 20_000_001, contentType: "video/mp4" };

/** An API, and what one person is answered: `[status, body, headers]`. */
async function start(createsPerMinute = 0) {
  const made = await createApiUnderTest({ limits: { createsPerMinute } });
  api = made;
  const headers = await made.as("ann");
  const ask = async (method: "GET" | "POST", url: string, payload?: object) => {
    const answer = await made.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  };
  const created = await ask("POST", "/v1/uploads", { files: [film] });
  assert.equal(created.status, 201);
  const { upload } = created.body.items[0];
  return { ask, upload, at: `/v1/uploads/${upload.id}` };
}

test("a file above the single-PUT limit is answered with how to cut it, and shown so while it is pending", async () => {
  const { ask, upload, at } = await start();
  const transfer = { kind: "multipart", partSizeBytes: 8_388_608, partCount: 3 };
  assert.deepEqual(upload.transfer, transfer);
  assert.equal("sha256" in upload, false);
  assert.deepEqual((await ask("GET", at)).body.transfer, transfer);
});

test("requests for parts come in the order asked, each with its number and without what a browser sets", async () => {
  const { ask, at } = await start();
  const parts = [3, 1].map((partNumber) => ({ partNumber, sha256 }));
  const { status, body } = await ask("POST", `${at}/urls`, { parts });
  assert.equal(status, 200);
  assert.deepEqual(
    body.requests.map(({ partNumber, method, headers, expiresInSeconds }: Record<string, unknown>) => [
      partNumber,
      method,
      Object.keys(headers as object),
      Number(expiresInSeconds) > 590,
    ]),
    [
      [3, "PUT", ["x-amz-checksum-sha256"], true],
      [1, "PUT", ["x-amz-checksum-sha256"], true],
    ],
  );
});

test("a part that the upload has not is named by its pointer", async () => {
  const { ask, at } = await start();
  const parts = [1, 4].map((partNumber) => ({ partNumber, sha256 }));
  const { status, body } = await ask("POST", `${at}/urls`, { parts });
  assert.equal(status, 400);
  assert.deepEqual(
    body.errors.map(({ pointer }: { pointer: string }) => pointer),
    ["/parts/1/partNumber"],
  );
});

test("missing parts are members of the problem, alone and in a batch", async () => {
  const { ask, upload, at } = await start();
  const alone = await ask("POST", `${at}/complete`);
  assert.deepEqual(
    [alone.status, alone.body.code, alone.body.missingParts],
    [409, "parts-missing", [1, 2, 3]],
  );
  const batch = await ask("POST", "/v1/uploads/complete", { ids: [upload.id] });
  assert.deepEqual(batch.body.items[0].problem.missingParts, [1, 2, 3]);
});

test("parts are counted apart from creates, and a refused call spends nothing", async () => {
  const { ask, at } = await start(3);
  const mint = (count: number) =>
    ask("POST", `${at}/urls`, {
      parts: Array.from({ length: count }, (_, index) => ({ partNumber: index + 1, sha256 })),
    });
  assert.equal((await mint(2)).status, 200);
  const refused = await mint(2);
  assert.deepEqual([refused.status, refused.body.code], [429, "rate-limited"]);
  assert.match(String(refused.headers["ratelimit-policy"]), /^"parts";q=3/);
  assert.equal((await mint(1)).status, 200);
  assert.equal((await ask("POST", "/v1/uploads", { files: [film] })).status, 201);
});
