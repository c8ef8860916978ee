import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertNames } from "./harness/api-client.ts";
import { createMultipart, listParts, mintPart } from "./harness/multipart.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { sendBytes, sha256Of } from "./harness/transfer.ts";
import { createUpload, emptyPromise, getUpload } from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import type { PresignedRequest } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

/** As little as goes in parts by itself: three of them. */
const leastBytes = 20_000_001;

const aDigest = sha256Of(Buffer.from("a part"));
for (const [what, json, pointer] of [
  ["no parts", { parts: [] }, "/parts"],
  [
    "101 parts",
    { parts: Array.from({ length: 101 }, (_, n) => ({ partNumber: n + 1, sha256: aDigest })) },
    "/parts",
  ],
  ["parts that are no array", { parts: { partNumber: 1, sha256: aDigest } }, "/parts"],
  ["part 0", { parts: [{ partNumber: 0, sha256: aDigest }] }, "/parts/0/partNumber"],
  ["part 1.5", { parts: [{ partNumber: 1.5, sha256: aDigest }] }, "/parts/0/partNumber"],
  ["part 10001", { parts: [{ partNumber: 10_001, sha256: aDigest }] }, "/parts/0/partNumber"],
  [
    "a part that it has not",
    {
      parts: [
        { partNumber: 1, sha256: aDigest },
        { partNumber: 4, sha256: aDigest },
      ],
    },
    "/parts/1/partNumber",
  ],
  [
    "a part twice",
    {
      parts: [
        { partNumber: 2, sha256: aDigest },
        { partNumber: 2, sha256: aDigest },
      ],
    },
    "/parts/1/partNumber",
  ],
  ["no digest", { parts: [{ partNumber: 1 }] }, "/parts/0/sha256"],
  ["a digest in capitals", { parts: [{ partNumber: 1, sha256: aDigest.toUpperCase() }] }, "/parts/0/sha256"],
  ["an unknown member", { parts: [{ partNumber: 1, sha256: aDigest, sizeBytes: 1 }] }, "/parts/0/sizeBytes"],
  ["both", { as: "multipart", parts: [{ partNumber: 1, sha256: aDigest }] }, "/as"],
  ["another kind", { as: "put" }, "/as"],
  ["null for parts", { parts: null }, "/parts"],
] as const)
  test(`a call for URLs with ${what} is refused by name and changes nothing`, async () => {
    const upload = await createUpload(person.api, emptyPromise(leastBytes, { contentType: "video/mp4" }));
    assertNames(await person.api.post(`/v1/uploads/${upload.id}/urls`, json), pointer);
    const { events = [], transfer } = await getUpload(person.api, upload.id);
    assert.deepEqual(
      events.map(({ type }) => type),
      ["created"],
    );
    assert.deepEqual(transfer, upload.transfer);
    assert.ok((await person.api.delete(`/v1/uploads/${upload.id}`)).status < 300);
  });

for (const [what, json, pointer] of [
  ["half a digest", { sha256: "abc" }, "/sha256"],
  ["parts", { parts: [{ partNumber: 1, etag: "x" }] }, "/parts"],
] as const)
  test(`a complete with ${what} is refused by name`, async () => {
    const upload = await createUpload(person.api, emptyPromise(leastBytes, { contentType: "video/mp4" }));
    assertNames(await person.api.post(`/v1/uploads/${upload.id}/complete`, json), pointer);
    assert.ok((await person.api.delete(`/v1/uploads/${upload.id}`)).status < 300);
  });

test("a part's URL is worth nothing for another part, upload, key or method, and without its header", async () => {
  const { upload, parts } = await createMultipart(person.api, makeVideo(leastBytes));
  const other = await createMultipart(person.api, makeVideo(leastBytes));
  const [first] = parts;
  assert.ok(first);
  const request = await mintPart(person.api, upload.id, first);
  const foreign = new URL((await mintPart(person.api, other.upload.id, first)).url);
  const changed = (change: (url: URL) => void) => {
    const url = new URL(request.url);
    change(url);
    return { ...request, url: url.href };
  };
  const bent: readonly (readonly [string, PresignedRequest])[] = [
    ["another part", changed(({ searchParams }) => searchParams.set("partNumber", "2"))],
    ["part 0", changed(({ searchParams }) => searchParams.set("partNumber", "0"))],
    ["no part", changed(({ searchParams }) => searchParams.delete("partNumber"))],
    ["two parts", changed(({ searchParams }) => searchParams.append("partNumber", "2"))],
    [
      "another upload",
      changed(({ searchParams }) => searchParams.set("uploadId", foreign.searchParams.get("uploadId") ?? "")),
    ],
    ["no upload", changed(({ searchParams }) => searchParams.delete("uploadId"))],
    [
      "another key",
      changed((url) => {
        url.pathname = foreign.pathname;
      }),
    ],
    ["no header", { ...request, headers: {} }],
    [
      "a header more",
      { ...request, headers: { ...request.headers, "x-amz-copy-source": "/stowage/files/a" } },
    ],
    ["POST", { ...request, method: "POST" }],
    ["DELETE", { ...request, method: "DELETE" }],
  ];
  for (const [what, bentRequest] of bent) {
    const { status } = await sendBytes(bentRequest, first.bytes);
    assert.equal(status, 403, what);
  }
  for (const { id } of [upload, other.upload]) {
    assert.deepEqual(await listParts(person.api, id), []);
    assert.ok((await person.api.delete(`/v1/uploads/${id}`)).status < 300);
  }
});
