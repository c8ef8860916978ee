import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createFormDecoder } from "./form-decoder.ts";
import { formBoundary, parsePartHead } from "./part-head.ts";
import { S3Error } from "./s3-error.ts";

interface Read {
  readonly fields: Map<string, string>;
  readonly fileName: string;
  readonly file: Buffer;
}

/** Decodes a body that comes in chunks; the file is taken at once, or with a wait after each piece. */
async function decode(boundary: string, chunks: readonly Buffer[], { slowly = false } = {}): Promise<Read> {
  const read = { fields: new Map<string, string>(), fileName: "", file: [] as Buffer[], begun: 0 };
  const decoder = createFormDecoder(boundary, {
    async beginFile({ fields, fileName }) {
      await null;
      read.fields = new Map(fields);
      read.fileName = fileName;
      read.begun += 1;
    },
    push(content) {
      assert.equal(read.begun, 1, "content before its file's begin, or after another's");
      // Whoever keeps bytes has to copy them: the next chunk may be in the same memory.
      read.file.push(Buffer.from(content));
      return slowly ? Promise.resolve() : undefined;
    },
  });
  for (const chunk of chunks) await decoder.push(chunk);
  decoder.end();
  return { fields: read.fields, fileName: read.fileName, file: Buffer.concat(read.file) };
}

const cut = (body: Buffer, places: readonly number[]): Buffer[] => {
  const at = [...new Set(places.map((place) => place % (body.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => body.subarray(from, at[index]));
};

const lines = (...text: string[]): Buffer => Buffer.from(text.join("\r\n"), "latin1");
const simple = lines(
  "--b",
  'Content-Disposition: form-data; name="Key"',
  "",
  "a/b",
  "--b",
  'content-disposition: form-data; name="file"; filename="C:\\\\dir\\photo.jpg"',
  "Content-Type: image/jpeg",
  "",
  "line\r\n--other\r\n\r\n",
  "--b",
  'Content-Disposition: form-data; name="submit"',
  "",
  "ignored",
  "--b--",
  "",
);

test("fields come by lower-case name, the file by its bytes, what follows it not at all", async () => {
  const { fields, fileName, file } = await decode("b", [simple]);
  assert.deepEqual([...fields], [["key", "a/b"]]);
  assert.equal(fileName, "photo.jpg");
  assert.equal(file.toString("latin1"), "line\r\n--other\r\n\r\n");
});

test("it does not matter where a form is cut into packets", async () => {
  const whole = await decode("b", [simple]);
  for (let at = 0; at <= simple.length; at += 1)
    assert.deepEqual(await decode("b", cut(simple, [at]), { slowly: at % 2 === 0 }), whole, `cut at ${at}`);
  const bytes = [...simple].map((byte) => Buffer.of(byte));
  assert.deepEqual(await decode("b", bytes), whole);
});

test("what an independent writer of forms writes is read as it was meant", async () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter((each) => each !== "file");
  const value = fc.string({ unit: "grapheme", maxLength: 100 });
  // Full of what delimiters are made of.
  const fileContent = fc.array(fc.constantFrom("\r", "\n", "\r\n", "-", "--", "\r\n--", "a", "\0", "é"), {
    maxLength: 300,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(name, value), { selector: ([each]) => each, maxLength: 8 }),
      fileContent,
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.boolean(),
      async (fields, content, places, slowly) => {
        const form = new FormData();
        for (const [each, text] of fields) form.append(each, text);
        const file = Buffer.from(content.join(""), "utf8");
        form.append("file", new Blob([new Uint8Array(file)]), "päper.pdf");
        form.append("after", "ignored");
        const response = new Response(form);
        const boundary = formBoundary(response.headers.get("content-type") ?? "") ?? "";
        const body = Buffer.from(await response.arrayBuffer());
        const read = await decode(boundary, cut(body, places), { slowly });
        // The writer makes each line end of a value CRLF, as the HTML standard has it.
        const normalised = fields.map(([each, text]) => [each, text.replace(/\r\n?|\n/g, "\r\n")]);
        assert.deepEqual([...read.fields], normalised);
        assert.equal(read.fileName, "päper.pdf");
        assert.ok(read.file.equals(file));
      },
    ),
    { numRuns: 200 },
  );
});

const codeOf = async (body: Buffer | readonly Buffer[], boundary = "b"): Promise<string> => {
  try {
    await decode(boundary, Array.isArray(body) ? body : [body as Buffer]);
    return "fine";
  } catch (error) {
    assert.ok(error instanceof S3Error, String(error));
    return error.code;
  }
};

const part = (disposition: string, value: string): string[] => [
  "--b",
  `Content-Disposition: ${disposition}`,
  "",
  value,
];
const aFile = part('form-data; name="file"; filename="f"', "content");

for (const [what, body, code] of [
  ["empty", lines(""), "MalformedPOSTRequest"],
  ["of other text", lines("key=value&file=content"), "MalformedPOSTRequest"],
  ["with something before the first boundary", lines("preamble", ...aFile, "--b--"), "MalformedPOSTRequest"],
  ["without its end", lines(...aFile), "MalformedPOSTRequest"],
  ["that ends within a delimiter", lines(...aFile, "--b-"), "MalformedPOSTRequest"],
  ["whose file holds its boundary", lines(...aFile, "--bc", "--b--"), "MalformedPOSTRequest"],
  ["with spaces after a delimiter", lines("--b  ", ...aFile.slice(1), "--b--"), "MalformedPOSTRequest"],
  ["with a part without headers", lines("--b", "", "x", ...aFile, "--b--"), "MalformedPOSTRequest"],
  [
    "with a part of another kind",
    lines(...part('attachment; name="key"', "x"), ...aFile, "--b--"),
    "MalformedPOSTRequest",
  ],
  [
    "with a field without a name",
    lines(...part("form-data", "x"), ...aFile, "--b--"),
    "MalformedPOSTRequest",
  ],
  [
    "with a field of an empty name",
    lines(...part('form-data; name=""', "x"), ...aFile, "--b--"),
    "MalformedPOSTRequest",
  ],
  [
    "with a field named twice",
    lines(...part('form-data; name="a"; name="b"', "x"), ...aFile, "--b--"),
    "MalformedPOSTRequest",
  ],
  [
    "with a name in an open quote",
    lines(...part('form-data; name="a', "x"), ...aFile, "--b--"),
    "MalformedPOSTRequest",
  ],
  [
    "with a field that occurs twice",
    lines(...part('form-data; name="a"', "1"), ...part('form-data; name="A"', "2"), ...aFile, "--b--"),
    "MalformedPOSTRequest",
  ],
  [
    "with text that is not UTF-8",
    lines(...part('form-data; name="a"', "\xff"), ...aFile, "--b--"),
    "MalformedPOSTRequest",
  ],
  ["without a file", lines(...part('form-data; name="a"', "1"), "--b--"), "InvalidArgument"],
  [
    "with fields of more than 20 KB",
    lines(...part('form-data; name="a"', "x".repeat(20 * 1024)), ...aFile, "--b--"),
    "MaxPostPreDataLengthExceededError",
  ],
  [
    "with a head of more than 20 KB",
    lines("--b", `X: ${"x".repeat(20 * 1024)}`, ...aFile.slice(1), "--b--"),
    "MaxPostPreDataLengthExceededError",
  ],
  ["with much after the file", lines(...aFile, "--b", "x".repeat(70_000)), "MalformedPOSTRequest"],
] as const)
  test(`a form ${what} is refused`, async () => {
    assert.equal(await codeOf(body), code);
    assert.equal(await codeOf(cut(body, [5, 50, 500, 5000, 15_000])), code);
  });

test("a form whose fields never end is not collected", async () => {
  const endless = Array.from({ length: 100 }, () => Buffer.alloc(1024, "x"));
  assert.equal(
    await codeOf([lines(...part('form-data; name="a"', "")), ...endless]),
    "MaxPostPreDataLengthExceededError",
  );
  assert.equal(await codeOf([Buffer.from("--b\r\nX: "), ...endless]), "MaxPostPreDataLengthExceededError");
});

test("a form that was bent anywhere is refused with S3's codes, or read: nothing else happens", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.nat(simple.length - 1),
          fc.constantFrom("set", "drop", "add"),
          fc.integer({ min: 0, max: 255 }),
        ),
        { maxLength: 5 },
      ),
      fc.array(fc.nat(), { maxLength: 5 }),
      async (edits, places) => {
        let body = Buffer.from(simple);
        for (const [at, how, byte] of edits) {
          const head = body.subarray(0, at);
          const tail = body.subarray(how === "add" ? at : at + 1);
          body = Buffer.concat([head, how === "drop" ? Buffer.alloc(0) : Buffer.of(byte), tail]);
        }
        await codeOf(cut(body, places));
      },
    ),
    { numRuns: 1000 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      await codeOf(Buffer.concat([Buffer.from("--b\r\n"), bytes]));
    }),
  );
});

test("boundaries are read as RFC 2046 has them", () => {
  for (const [type, boundary] of [
    ["multipart/form-data; boundary=----WebKitFormBoundaryABC", "----WebKitFormBoundaryABC"],
    ['Multipart/Form-Data;charset=utf-8; BOUNDARY="a b"', "a b"],
    ["text/plain; boundary=a", undefined],
    ["multipart/form-database; boundary=a", undefined],
    ["multipart/form-data boundary=a", undefined],
  ] as const)
    assert.equal(formBoundary(type), boundary, type);
  for (const type of [
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary="a "',
    `multipart/form-data; boundary=${"a".repeat(71)}`,
    'multipart/form-data; boundary="a\r\nb"',
    "multipart/form-data; boundary=a; boundary=b",
  ])
    assert.throws(
      () => formBoundary(type),
      (error) => error instanceof S3Error && error.code === "MalformedPOSTRequest",
      type,
    );
});

test("a file's name is what follows the last slash of either kind", () => {
  for (const [written, fileName] of [
    ["a.jpg", "a.jpg"],
    ["/home/me/a.jpg", "a.jpg"],
    ["C:\\me\\a.jpg", "a.jpg"],
    ['a\\"b.jpg', 'a"b.jpg'],
    ["../..", ".."],
    ["a%22b.jpg", "a%22b.jpg"],
    ["", ""],
  ] as const)
    assert.equal(
      parsePartHead(Buffer.from(`Content-Disposition: form-data; name="file"; filename="${written}"`))
        .fileName,
      fileName,
      written,
    );
});
