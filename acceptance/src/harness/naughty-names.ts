import { readFileSync } from "node:fs";
import { join } from "node:path";
import { corpusDir } from "./corpus.ts";

/** Names by which something was broken into somewhere, or which a file system, a header or a shell reads otherwise. */
export const trickyNames: readonly string[] = [
  "plain.png",
  " leading and trailing ",
  ".hidden",
  "-rf",
  "--help",
  "..",
  "../../etc/passwd",
  "..\\..\\windows\\system32",
  "C:\\windows\\win.png",
  "a/b/c.png",
  "con",
  "aux.png",
  "double.exe.png",
  'quo"te.png',
  "semi;colon=1.png",
  "per%cent%00%2f.png",
  "new\nline.png",
  "carriage\r\nreturn: injected.png",
  "tab\t.png",
  "bell\u0007.png",
  "\u202egnp.txet",
  "zero\u200bwidth\u2066.png",
  "\ufeffbom.png",
  "caf\u00e9.png",
  "cafe\u0301.png",
  "日本語のファイル.png",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿👨‍👩‍👧‍👦.png",
  "Ω≈ç√∫˜µ≤≥÷",
  "<script>alert(1)</script>.png",
  "' OR 1=1 --.png",
  "\u0024{jndi:ldap://example.test/a}.png",
  "$(touch /tmp/owned).png",
  "{{7*7}}.png",
  "*?.png",
  "\\u0000.png",
  "n".repeat(4096),
  "é".repeat(2048),
];

/** Names whose endings speak of another type than a picture: such files are refused. */
export const misleadingNames: readonly string[] = [
  "picture.png.exe",
  "C:\\autoexec.bat",
  "\u202egnp.exe",
  "picture.html",
  "picture.svg",
  "picture.pdf",
  "picture.js. ",
];

/** The big list of naughty strings, where the corpus is; those that are no names left out (empty, NUL, half characters). */
export const naughtyStrings = (): readonly string[] =>
  corpusDir === undefined
    ? []
    : (JSON.parse(readFileSync(join(corpusDir, "names", "blns.json"), "utf8")) as string[]).filter(
        (name) => name !== "" && !name.includes("\0") && name.isWellFormed(),
      );
