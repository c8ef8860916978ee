import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contentDisposition, safeFileName } from "./content-disposition.ts";

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
);

test("a plain name is given in both forms", () => {
  assert.equal(
    contentDisposition("attachment", "photo 1.jpg"),
    `attachment; filename="photo 1.jpg"; filename*=UTF-8''photo%201.jpg`,
  );
});

test("a name beyond ASCII keeps its letters in the encoded form", () => {
  assert.equal(
    contentDisposition("inline", "Größe.png"),
    `inline; filename="Gr__e.png"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.png`,
  );
});

test("no name can break out of the header", () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const header = contentDisposition("attachment", name);
      assert.match(
        header,
        /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]*$/,
      );
      assert.equal(header.split('"').length, 3);
    }),
  );
});

test("a safe name has no path, control or direction mark, and is never empty or hidden", () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const safe = safeFileName(name);
      assert.ok(safe.length > 0);
      assert.doesNotMatch(safe, /[\p{Cc}\p{Cf}"\\/:*?<>|]/u);
      assert.doesNotMatch(safe, /^[.-]/);
      assert.ok(Buffer.byteLength(safe) <= 240);
      assert.ok(safe.isWellFormed());
    }),
  );
  assert.equal(safeFileName("../../etc/passwd"), "__.._etc_passwd");
});

test("no name is one of Windows' devices, whatever ending it has", () => {
  for (const name of ["CON", "nul.pdf", "Com1.tar.gz", "LPT9 .txt", "aux ", "COM¹", "conin$", "PRN."])
    assert.equal(safeFileName(name), `_${name.trim()}`, name);
  for (const name of ["console.txt", "nullable", "com10.pdf", "aux-1.jpg", "a.con", "COM.pdf"])
    assert.equal(safeFileName(name), name);
  const stem = fc.constantFrom("CON", "prn", "NUL", "COM1", "lpt²");
  fc.assert(
    fc.property(stem, fc.constantFrom("", ".", " ", ".."), anyName, (device, between, rest) => {
      const safe = safeFileName(`${device}${between}${rest}`);
      assert.doesNotMatch(safe, /^(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i);
    }),
  );
});

test("a long name keeps its ending, whatever its script, and header and URL stay far below what proxies take", () => {
  assert.match(safeFileName(`${"a".repeat(5000)}.jpeg`), /^a{235}\.jpeg$/);
  for (const character of ["é", "写", "😀"]) {
    const name = `${character.repeat(4000 / Buffer.byteLength(character))}.jpeg`;
    const safe = safeFileName(name);
    assert.ok(Buffer.byteLength(safe) <= 240 && Buffer.byteLength(safe) > 235, `${Buffer.byteLength(safe)}`);
    assert.match(safe, /\.jpeg$/);
    assert.ok(encodeURIComponent(contentDisposition("attachment", name)).length < 1500);
  }
});
