import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { describeClamdAddress, parseClamdAddress } from "./clamd-address.ts";

test("a path, a name and both kinds of address are told apart", () => {
  assert.deepEqual(parseClamdAddress("/run/clamav/clamd.ctl"), { path: "/run/clamav/clamd.ctl" });
  assert.deepEqual(parseClamdAddress("127.0.0.1:3310"), { host: "127.0.0.1", port: 3310 });
  assert.deepEqual(parseClamdAddress("[::1]:3310"), { host: "::1", port: 3310 });
  assert.deepEqual(parseClamdAddress("scanner.internal:65535"), { host: "scanner.internal", port: 65_535 });
  for (const wrong of [
    "",
    "clamd",
    "clamd:0",
    "clamd:65536",
    "::1:3310",
    "clamd:3310/x",
    "http://clamd:3310",
    "run/clamd.ctl",
    `/${"x".repeat(107)}`,
  ])
    assert.equal(parseClamdAddress(wrong), undefined, wrong);
});

test("what was read is described so that it reads as the same", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.ipV6(), fc.nat(70_000)).map(([ip, port]) => `[${ip}]:${port}`),
      ),
      (text) => {
        const address = parseClamdAddress(text);
        if (address) assert.deepEqual(parseClamdAddress(describeClamdAddress(address)), address);
      },
    ),
  );
});
