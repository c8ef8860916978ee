import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreUnavailableError } from "@stowage/core";
import fc from "fast-check";
import { readListAnswer } from "./list-objects.ts";
import { answer, listing, startScriptedServer } from "./scripted-server.testing.ts";

const more = "<IsTruncated>true</IsTruncated>";
const list = { prefix: "files/", limit: 10 };
const page = (inner: string) => `<ListBucketResult>${inner}</ListBucketResult>`;
const item = (key: string, size = "7", date = "2026-01-02T03:04:05.678Z") =>
  `<Contents><Key>${key}</Key><LastModified>${date}</LastModified><Size>${size}</Size></Contents>`;
const end = "<IsTruncated>false</IsTruncated>";

describe("a list", () => {
  it("reads size and date of each key", async () => {
    await using server = await startScriptedServer(listing(["files/a", "files/b"]));
    const lastModifiedMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    assert.deepEqual(await server.store().list(list), {
      items: [
        { key: "files/a", sizeBytes: 7, lastModifiedMs },
        { key: "files/b", sizeBytes: 7, lastModifiedMs },
      ],
    });
  });

  it("goes on after the last key of a page that is not the last", async () => {
    await using server = await startScriptedServer(
      listing(["files/a", "files/b"], more),
      listing(["files/c"]),
    );
    const store = server.store();
    const first = await store.list(list);
    assert.equal(first.next, "files/b");
    const second = await store.list({ ...list, after: first.next });
    assert.equal(second.next, undefined);
    assert.match(server.seen[1]?.target ?? "", /&start-after=files%2Fb$/);
  });

  it("looks behind empty pages that say there is more, within reason", async () => {
    const empty = listing([], `${more}<NextContinuationToken>t1</NextContinuationToken>`);
    await using server = await startScriptedServer(empty, empty, listing(["files/z"]));
    assert.equal((await server.store().list(list)).items[0]?.key, "files/z");
    assert.match(server.seen[2]?.target ?? "", /&continuation-token=t1$/);
    await using endless = await startScriptedServer(...Array(100).fill(empty));
    await assert.rejects(endless.store().list(list), StoreUnavailableError);
    assert.ok(endless.seen.length < 50);
  });

  it("decodes keys where the store says that it encoded them, and only there", () => {
    const read = (inner: string, prefix = "") =>
      readListAnswer(page(inner + end), { prefix, limit: 1 }, "LIST").items[0]?.key;
    assert.equal(read(`<EncodingType>url</EncodingType>${item("a%2Fb+c%2B%E2%82%AC")}`), "a/b c+€");
    assert.equal(read(item("a%2Fb+c")), "a%2Fb+c");
    assert.equal(read(item("a&amp;b&lt;")), "a&b<");
    assert.throws(() => read(`<EncodingType>url</EncodingType>${item("a%zz")}`), StoreUnavailableError);
  });

  it("takes what is no page of this list for an outage", async () => {
    const broken = [
      "",
      "garbage",
      "<ListBucketResult>",
      "<Other/>",
      page(""),
      page("<IsTruncated>perhaps</IsTruncated>"),
      page(`${item("other/a")}${end}`),
      page(`${item("files/b")}${item("files/a")}${end}`),
      page(`${item("files/a")}${item("files/a")}${end}`),
      page(`${item("files/a", "-1")}${end}`),
      page(`${item("files/a", "")}${end}`),
      page(`${item("files/a", "7", "then")}${end}`),
      page(`${item("")}${end}`),
      page(`<Contents/>${end}`),
      `<!DOCTYPE x [<!ENTITY a "b">]>${page(`${item("files/&a;")}${end}`)}`,
      page(`${item(`files/${"&amp;".repeat(30_000)}`)}${end}`),
      page(`${"<a>".repeat(50)}${"</a>".repeat(50)}${end}`),
      page(`${item("files/a")}${end}`).slice(0, -5),
    ];
    for (const body of broken) {
      await using server = await startScriptedServer(answer(200, body));
      await assert.rejects(
        server.store({ maxRetries: 0 }).list(list),
        StoreUnavailableError,
        body.slice(0, 100),
      );
    }
    await using server = await startScriptedServer(listing(["files/a"]));
    await assert.rejects(
      server.store({ maxRetries: 0 }).list({ ...list, after: "files/a" }),
      /out of order/,
      "a key that is not after the one given",
    );
  });

  it("reads no more than a page can be", async () => {
    await using server = await startScriptedServer((response) => {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      response.writeHead(200);
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", write);
      write();
    });
    await assert.rejects(server.store({ maxRetries: 0 }).list(list), /longer than 8388608 bytes/);
  });

  it("reads a page or throws StoreUnavailableError, whatever is sent", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "<Contents>",
        "</Contents>",
        "<Key>",
        "</Key>",
        "<ListBucketResult>",
        "</ListBucketResult>",
      ),
      fc.constantFrom(
        item("files/a"),
        item("__proto__"),
        end,
        more,
        "<![CDATA[",
        "]]>",
        "<!--",
        "&#0;",
        "<?x?>",
      ),
      fc.string(),
      fc.constantFrom("<__proto__>", "<constructor/>", "<toString>1</toString>"),
    );
    const document = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
      fc.array(piece, { maxLength: 12 }).map((pieces) => page(pieces.join("") + end)),
    );
    fc.assert(
      fc.property(document, (body) => {
        try {
          const { items } = readListAnswer(body, { prefix: "", limit: 1000 }, "LIST");
          return items.every((each) => each.key !== "" && each.sizeBytes >= 0);
        } catch (error) {
          return error instanceof StoreUnavailableError;
        }
      }),
    );
  });
});
