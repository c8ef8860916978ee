import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTraceparent, traceOfUpload } from "./trace-of-upload.ts";

test("an upload's id is its trace's, and the second half its first span's", () => {
  assert.deepEqual(traceOfUpload("01a2140f-9abc-75b7-9652-e7fba599405d"), {
    traceId: "01a2140f9abc75b79652e7fba599405d",
    spanId: "9652e7fba599405d",
  });
  for (const id of [
    "",
    "upload-1",
    "01A2140F-9ABC-75B7-9652-E7FBA599405D",
    "01a2140f9abc75b79652e7fba599405d",
  ])
    assert.equal(traceOfUpload(id), undefined, id);
});

test("a traceparent is read as W3C Trace Context has it, and anything else is none", () => {
  const [traceId, spanId] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
  assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId });
  assert.deepEqual(parseTraceparent(`cc-${traceId}-${spanId}-01-what-the-future-brings`), {
    traceId,
    spanId,
  });
  for (const header of [
    undefined,
    "",
    ["a"],
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${"0".repeat(32)}-${spanId}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
    `cc-${traceId}-${spanId}-01-${"x".repeat(300)}`,
  ])
    assert.equal(parseTraceparent(header), undefined, String(header));
});
