import assert from "node:assert/strict";
import { basename, resolve, win32 } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { safeFileName } from "./safe-file-name.ts";

test("leaves ordinary names of any language as they are", () => {
  for (const name of ["photo 1.jpg", "Grüße.pdf", "写真 🙂.png", "a.tar.gz", "it's (1).png"])
    assert.equal(safeFileName(name, "id"), name);
});

const tricky: readonly (readonly [string, string])[] = [
  ["../../etc/passwd", "_.._etc_passwd"],
  ["..\\..\\windows\\system32", "_.._windows_system32"],
  ["C:\\autoexec.bat", "C__autoexec.bat"],
  [".bashrc", "bashrc"],
  ["-rf", "_-rf"],
  ["con", "_con"],
  ["Aux.png", "_Aux.png"],
  ["a\nb\u001b[2J.png", "a_b_[2J.png"],
  ["invoice\u202egpj.exe", "invoice_gpj.exe"],
  ["trailing. . ", "trailing"],
  ["..", "id"],
  ["", "id"],
  ["///", "id"],
  ["\0", "id"],
];
for (const [name, safe] of tricky)
  test(`makes ${JSON.stringify(name)} a name within a folder`, () =>
    assert.equal(safeFileName(name, "id"), safe));

test("keeps the extension of a name that is too long", () => {
  const safe = safeFileName(`${"é".repeat(2048)}.jpeg`, "id");
  assert.ok(safe.endsWith(".jpeg") && Buffer.byteLength(safe) <= 240);
});

test("never leaves the folder, hides the file or looks like an option", () => {
  const part = fc.oneof(
    fc.constantFrom("..", "/", "\\", ".", ":", "~", "-", "C:", "\0", "\u202e", " ", "con", "%2f"),
    fc.string({ unit: "binary", maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const safe = safeFileName(parts.join(""), "id");
      assert.equal(resolve("/folder", safe), `/folder/${safe}`);
      assert.equal(basename(safe), safe);
      assert.equal(win32.basename(safe), safe);
      assert.doesNotMatch(safe, /^[-.\s]|[.\s]$|\p{Cc}|\p{Bidi_Control}/u);
      assert.ok(safe.length > 0 && Buffer.byteLength(safe) <= 255);
      assert.equal(safeFileName(safe, "id"), safe, "a safe name is left as it is");
    }),
    { numRuns: 500 },
  );
});
