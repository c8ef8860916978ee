import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressBlockOf } from "./address-block.ts";

for (const [address, block] of [
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::1:0:0:9", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["", ""],
  ["unknown", "unknown"],
] as const)
  test(`${address === "" ? "nothing" : address} belongs to ${block === "" ? "nothing" : block}`, () => {
    assert.equal(addressBlockOf(address), block);
  });

test("whatever the lower half of an IPv6 address is, its block is one", () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const [first = "", second] = [
        addressBlockOf(address),
        addressBlockOf(addressBlockOf(address).replace("/64", "abcd")),
      ];
      if (!first.endsWith("/64")) return;
      assert.equal(first, second);
    }),
  );
});
