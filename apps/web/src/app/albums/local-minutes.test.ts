import assert from "node:assert/strict";
import { test } from "node:test";
import { localMinutes } from "./local-minutes.ts";

test("what a field for a moment says is that moment again, to the minute", () => {
  for (const time of ["2026-01-02T03:04:05Z", "2026-12-31T23:59:59Z", "2027-03-28T01:30:00Z"]) {
    const moment = new Date(time);
    assert.match(localMinutes(moment), /^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    assert.equal(new Date(localMinutes(moment)).getTime(), moment.setSeconds(0, 0));
  }
});
