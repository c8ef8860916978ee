import assert from "node:assert/strict";
import { test } from "node:test";
import { xmlDocument } from "./xml.ts";

test("text can't leave its element", () => {
  assert.equal(
    xmlDocument("R", [
      ["Key", `</Key><Key>&"'\u0001\r`],
      ["Nothing", undefined],
      ["Inner", [["Size", 0]]],
    ]),
    '<?xml version="1.0" encoding="UTF-8"?>\n<R><Key>&lt;/Key&gt;&lt;Key&gt;&amp;&quot;&apos;&#1;&#13;</Key><Inner><Size>0</Size></Inner></R>',
  );
});
