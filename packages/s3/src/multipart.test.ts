import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import { createVerifier, SignatureRefusedError } from "@stowage/sigv4";
import fc from "fast-check";
import { readXml } from "./read-xml.ts";
import {
  answer,
  causedBy,
  credentials,
  fail,
  hangUp,
  type ScriptedServer,
  type Step,
  startScriptedServer,
} from "./scripted-server.testing.ts";

const multipart = { key: "files/a/0/original", storeUploadId: "2~id.with_all-of+them" };
const part = { partNumber: 1, sizeBytes: 5, etag: "e1" };
const digest = "ab".repeat(32);

const xml = (name: string, body: string): Step =>
  answer(
    200,
    `<?xml version="1.0"?><${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</${name}>`,
  );

const begun = xml("InitiateMultipartUploadResult", "<UploadId>an-id</UploadId>");
const completed = xml("CompleteMultipartUploadResult", "<ETag></ETag>");

const partXml = (partNumber: number, more = "") =>
  `<Part><PartNumber>${partNumber}</PartNumber><ETag>&quot;e${partNumber}&quot;</ETag><Size>5</Size>${more}</Part>`;

const partsPage = (numbers: readonly number[], isTruncated = false): Step =>
  xml(
    "ListPartsResult",
    `<IsTruncated>${isTruncated}</IsTruncated>${numbers.map((n) => partXml(n)).join("")}`,
  );

/** Runs calls on a store whose server plays these steps, all of them. */
async function on<T>(
  steps: readonly Step[],
  run: (store: ReturnType<ScriptedServer["store"]>, server: ScriptedServer) => Promise<T>,
  maxRetries = 3,
): Promise<T> {
  await using server = await startScriptedServer(...steps);
  try {
    return await run(server.store({ maxRetries }), server);
  } finally {
    assert.equal(server.seen.length, steps.length);
  }
}

const queryOf = (target = ""): Record<string, string> =>
  Object.fromEntries(new URL(target, "http://store").searchParams);

describe("beginning an upload in parts", () => {
  const create = { key: multipart.key, contentType: "video/mp4" };

  it("says the type, and that parts come with their SHA-256", async () => {
    await on([begun], async (store, server) => {
      assert.equal(await store.createMultipartUpload(create), "an-id");
      const [seen] = server.seen;
      assert.equal(seen?.method, "POST");
      assert.equal(seen.target, "/bucket/files/a/0/original?uploads=");
      assert.equal(seen.headers["content-type"], "video/mp4");
      assert.equal(seen.headers["x-amz-checksum-algorithm"], "SHA256");
      assert.equal(seen.headers["content-length"], "0");
    });
  });

  it("is tried again where it may pass, and says why where it won't", async () => {
    const created = on([fail(503, "SlowDown"), hangUp, begun], (store) =>
      store.createMultipartUpload(create),
    );
    assert.equal(await created, "an-id");
    await assert.rejects(
      on([fail(403, "AccessDenied")], (store) => store.createMultipartUpload(create)),
      causedBy(StoreRefusedError, "AccessDenied", 403),
    );
  });

  it("takes an answer without an id for a failure", async () => {
    for (const step of [
      answer(200, ""),
      answer(200, "<html></html>"),
      xml("InitiateMultipartUploadResult", ""),
      xml("InitiateMultipartUploadResult", "<UploadId></UploadId>"),
      xml("InitiateMultipartUploadResult", `<UploadId>${"x".repeat(1025)}</UploadId>`),
      xml("ListPartsResult", "<UploadId>an-id</UploadId>"),
    ])
      await assert.rejects(
        on([step], (store) => store.createMultipartUpload(create), 0),
        StoreUnavailableError,
      );
  });
});

describe("listing parts", () => {
  const list = (steps: readonly Step[], maxRetries?: number) =>
    on(steps, (store) => store.listParts(multipart), maxRetries);

  it("goes on after the last part of a page, until the store says that it ends", async () => {
    await on([partsPage([1, 2], true), partsPage([3], true), partsPage([4])], async (store, server) => {
      const parts = await store.listParts(multipart);
      assert.deepEqual(
        parts?.map(({ partNumber, sizeBytes, etag }) => [partNumber, sizeBytes, etag]),
        [1, 2, 3, 4].map((n) => [n, 5, `e${n}`]),
      );
      assert.deepEqual(
        server.seen.map(({ target }) => queryOf(target)["part-number-marker"]),
        [undefined, "2", "3"],
      );
      for (const { target } of server.seen)
        assert.equal(queryOf(target).uploadId, multipart.storeUploadId, "the id as it was given");
    });
  });

  it("gives a part's digest where the store checked it", async () => {
    const checked = Buffer.from(digest, "hex").toString("base64");
    const parts = await list([
      xml(
        "ListPartsResult",
        `<IsTruncated>false</IsTruncated>${partXml(1, `<ChecksumSHA256>${checked}</ChecksumSHA256>`)}${partXml(2, "<ChecksumSHA256>odd</ChecksumSHA256>")}`,
      ),
    ]);
    assert.deepEqual(
      parts?.map(({ sha256 }) => sha256),
      [digest, undefined],
    );
  });

  it("knows of no parts of an upload that is not there, on any page", async () => {
    assert.equal(await list([fail(404, "NoSuchUpload")]), undefined);
    assert.equal(await list([fail(404, "NoSuchKey")]), undefined, "as Ceph says it");
    assert.equal(await list([partsPage([1], true), fail(404, "NoSuchUpload")]), undefined);
    await assert.rejects(list([fail(404, "NoSuchBucket")]), causedBy(StoreRefusedError, "NoSuchBucket", 404));
  });

  it("takes for a failure what is no such list, or would never end", async () => {
    const page = (body: string) => xml("ListPartsResult", `<IsTruncated>false</IsTruncated>${body}`);
    for (const step of [
      answer(200, "garbage"),
      xml("ListPartsResult", partXml(1)),
      xml("Other", "<IsTruncated>false</IsTruncated>"),
      partsPage([], true),
      partsPage([2, 1]),
      partsPage([1, 1]),
      partsPage([0]),
      partsPage([10_001]),
      page("<Part><PartNumber>1</PartNumber><Size>5</Size></Part>"),
      page("<Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>-5</Size></Part>"),
    ])
      await assert.rejects(list([step], 0), StoreUnavailableError);
    await assert.rejects(list([partsPage([1], true), partsPage([1], true)], 0), StoreUnavailableError);
  });

  it("answers parts in order or throws StoreUnavailableError, whatever is sent", async () => {
    const element = fc.constantFrom("Part", "IsTruncated", "PartNumber", "ETag", "Size", "x");
    const text = fc.constantFrom("1", "2", "true", "false", "&quot;e&quot;", "", "-1", "9e9");
    const tree = fc.array(fc.tuple(element, text), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(tree, tree, async (outer, inner) => {
        const of = (pairs: readonly (readonly [string, string])[]) =>
          pairs.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
        const step = xml("ListPartsResult", `${of(outer)}<Part>${of(inner)}</Part>`);
        await using server = await startScriptedServer(step);
        try {
          const parts = await server.store({ maxRetries: 0 }).listParts(multipart);
          for (const { partNumber, sizeBytes } of parts ?? []) assert.ok(partNumber >= 1 && sizeBytes >= 0);
        } catch (error) {
          assert.ok(error instanceof StoreUnavailableError, String(error));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("completing an upload in parts", () => {
  const complete = (steps: readonly Step[], maxRetries?: number) =>
    on(steps, (store) => store.completeMultipartUpload({ ...multipart, parts: [part] }), maxRetries);

  it("names the parts in order, with what the store said of them, over nothing that is there", async () => {
    await on([completed], async (store, server) => {
      const parts = [
        { partNumber: 1, sizeBytes: 5, etag: 'a<b&"c', sha256: digest },
        { partNumber: 10_000, sizeBytes: 1, etag: "e2" },
      ];
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts }), "completed");
      const [seen] = server.seen;
      assert.equal(seen?.method, "POST");
      assert.equal(seen.headers["if-none-match"], "*");
      assert.deepEqual(queryOf(seen.target), { uploadId: multipart.storeUploadId });
      const root = readXml(seen.body.toString("utf8"));
      assert.equal(root.name, "CompleteMultipartUpload");
      assert.deepEqual(
        root.children("Part").map((one) => [one.text("PartNumber"), one.text("ChecksumSHA256")]),
        [
          ["1", Buffer.from(digest, "hex").toString("base64")],
          ["10000", undefined],
        ],
      );
      assert.match(seen.body.toString("utf8"), /<ETag>&quot;a&#60;b&#38;&#34;c&quot;<\/ETag>/);
    });
  });

  it("is over when the body says so, after blanks that keep the connection, with an ETag or without", async () => {
    const slow: Step = (response) => {
      response.writeHead(200).write('<?xml version="1.0"?>');
      response.write("  \n ");
      response.end("\n<CompleteMultipartUploadResult><ETag/></CompleteMultipartUploadResult>");
    };
    assert.equal(await complete([slow]), "completed");
    assert.equal(
      await complete([xml("CompleteMultipartUploadResult", "<ETag>&quot;e-1&quot;</ETag>")]),
      "completed",
    );
  });

  it("tells what is there, what is gone and what has changed, under 200 too", async () => {
    for (const [code, status, outcome] of [
      ["NoSuchUpload", 404, "missing"],
      ["NoSuchKey", 404, "missing"],
      ["InvalidPart", 400, "changed"],
      ["PreconditionFailed", 412, "exists"],
    ] as const) {
      assert.equal(await complete([fail(status, code)]), outcome);
      assert.equal(await complete([fail(200, code)]), outcome);
    }
    assert.equal(await complete([answer(412)]), "exists");
  });

  it("is tried again after a failure under 200, and after an answer that was lost", async () => {
    assert.equal(await complete([fail(200, "InternalError"), fail(200, "SlowDown"), completed]), "completed");
    assert.equal(
      await complete([hangUp, fail(404, "NoSuchUpload")]),
      "missing",
      "the caller looks at the key",
    );
    assert.equal(await complete([fail(409, "ConditionalRequestConflict"), completed]), "completed");
    await assert.rejects(
      complete([fail(200, "InternalError")], 0),
      causedBy(StoreUnavailableError, "InternalError", 200),
    );
  });

  it("takes a body that says nothing about it for a failure, and a refusal for one", async () => {
    for (const body of ["", "garbage", "<CompleteMultipartUploadResult>", "<html></html>"])
      await assert.rejects(complete([answer(200, body)], 0), StoreUnavailableError, body);
    await assert.rejects(
      complete([fail(400, "EntityTooSmall")]),
      causedBy(StoreRefusedError, "EntityTooSmall", 400),
    );
  });
});

describe("aborting an upload in parts", () => {
  it("aborts what is there and what is not, and says what else went wrong", async () => {
    const abort = (steps: readonly Step[]) => on(steps, (store) => store.abortMultipartUpload(multipart));
    await abort([answer(204)]);
    await abort([fail(404, "NoSuchUpload")]);
    await abort([fail(500, "InternalError"), answer(204)]);
    await assert.rejects(
      abort([fail(403, "AccessDenied")]),
      causedBy(StoreRefusedError, "AccessDenied", 403),
    );
  });
});

describe("listing uploads in parts", () => {
  const upload = (key: string, id: string) =>
    `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>2026-01-02T03:04:05.678Z</Initiated></Upload>`;
  const page = (body: string, isTruncated = false, more = "") =>
    xml("ListMultipartUploadsResult", `<IsTruncated>${isTruncated}</IsTruncated>${more}${body}`);
  const list = (steps: readonly Step[], after?: { key: string; storeUploadId: string }) =>
    on(
      steps,
      (store) => store.listMultipartUploads({ prefix: "files/", limit: 2, ...(after ? { after } : {}) }),
      0,
    );

  it("reads keys encoded or not, and goes on after the last one", async () => {
    const encoded = "<EncodingType>url</EncodingType>";
    const first = await list([page(upload("files%2Fa", "1") + upload("files%2Fb", "2"), true, encoded)]);
    assert.deepEqual(
      first.items.map(({ key, storeUploadId, initiatedAtMs }) => [key, storeUploadId, initiatedAtMs]),
      [
        ["files/a", "1", Date.parse("2026-01-02T03:04:05.678Z")],
        ["files/b", "2", Date.parse("2026-01-02T03:04:05.678Z")],
      ],
    );
    assert.deepEqual(first.next, { key: "files/b", storeUploadId: "2" });
    await on([page(upload("files/c", "3"))], async (store, server) => {
      const after = { key: "files/b", storeUploadId: "2" };
      const next = await store.listMultipartUploads({ prefix: "files/", limit: 2, after });
      assert.equal(next.next, undefined);
      assert.deepEqual(queryOf(server.seen[0]?.target), {
        uploads: "",
        "encoding-type": "url",
        prefix: "files/",
        "max-uploads": "2",
        "key-marker": "files/b",
        "upload-id-marker": "2",
      });
    });
  });

  it("takes for a failure what is no such list, or would never end", async () => {
    const after = { key: "files/a", storeUploadId: "1" };
    for (const step of [
      answer(200, ""),
      xml("ListMultipartUploadsResult", ""),
      page(upload("uploads/a", "1")),
      page("<Upload><Key>files/a</Key></Upload>"),
      page(upload("files/a", "1"), true),
      page("", true),
    ])
      await assert.rejects(list([step], after), StoreUnavailableError);
  });
});

describe("a presigned part", () => {
  const life = {
    partNumber: fc.integer({ min: 1, max: 10_000 }),
    sizeBytes: fc.integer({ min: 1, max: 5 * 1024 ** 3 }),
    sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    storeUploadId: fc.stringMatching(/^[A-Za-z0-9._~+/=-]{1,80}$/),
    expiresInSeconds: fc.integer({ min: 1, max: 600 }),
    signedAtMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2050, 0) }),
  };

  it("is signed with all that it must keep, and worth nothing once any of it is changed", async () => {
    await using server = await startScriptedServer();
    const { presignPart } = server.store();
    fc.assert(
      fc.property(fc.record(life), (input) => {
        const request = presignPart({ key: multipart.key, ...input });
        const verify = (url: string, more: Record<string, string>, method = "PUT") => {
          const { host, pathname, search } = new URL(url);
          return createVerifier({
            region: "us-east-1",
            findSecretAccessKey: () => credentials.secretAccessKey,
            now: () => new Date(input.signedAtMs),
          })({ method, target: pathname + search, headers: new Map(Object.entries({ host, ...more })) });
        };
        const sent = { ...request.headers, "content-length": String(input.sizeBytes) };
        const { signedHeaders } = verify(request.url, sent);
        assert.deepEqual([...signedHeaders], ["content-length", "host", "x-amz-checksum-sha256"]);
        const query = queryOf(request.url);
        assert.equal(query.uploadId, input.storeUploadId);
        assert.equal(query.partNumber, String(input.partNumber));
        const refuses = (url: string, more: Record<string, string>, method?: string) =>
          assert.throws(() => verify(url, more, method), SignatureRefusedError);
        for (const [name, value] of [
          ["partNumber", String(input.partNumber + 1)],
          ["uploadId", `${input.storeUploadId}x`],
        ] as const) {
          const url = new URL(request.url);
          url.searchParams.set(name, value);
          refuses(url.href, sent);
        }
        refuses(request.url, { ...sent, "content-length": String(input.sizeBytes + 1) });
        refuses(request.url, { "content-length": String(input.sizeBytes) });
        refuses(request.url, { ...sent, "x-amz-acl": "public-read" });
        refuses(request.url, sent, "DELETE");
      }),
      { numRuns: 50 },
    );
  });
});
