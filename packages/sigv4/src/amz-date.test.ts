import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatAmzDate, parseAmzDate } from "./amz-date.ts";

describe("SigV4 dates", () => {
  it("read back what was written, to the second", () => {
    const seconds = fc.integer({ min: 0, max: Date.parse("9999-12-31T23:59:59Z") / 1000 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 999 }), (second, millisecond) => {
        const text = formatAmzDate(new Date(second * 1000 + millisecond));
        assert.match(text, /^\d{8}T\d{6}Z$/);
        assert.deepEqual(parseAmzDate(text), new Date(second * 1000));
      }),
    );
  });

  it("refuse what is no date, or another spelling of one", () => {
    for (const text of [
      "",
      "20130231T000000Z",
      "20131301T000000Z",
      "20130524T240000Z",
      "20130524T000060Z",
      "20130524T000000",
      "20130524T000000z",
      "2013-05-24T00:00:00Z",
      "20130524T000000.000Z",
      " 20130524T000000Z",
      "20130524T000000Z\n",
      "２０１３0524T000000Z",
    ]) {
      assert.equal(parseAmzDate(text), undefined, JSON.stringify(text));
    }
  });

  it("are not written for an invalid date or a year that does not fit", () => {
    assert.throws(() => formatAmzDate(new Date(Number.NaN)), RangeError);
    assert.throws(() => formatAmzDate(new Date("+010000-01-01T00:00:00Z")), RangeError);
  });
});
