import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { mayReadMetricsWithoutToken } from "./metrics-access.ts";

const local = "http://localhost:8420";

function mayRead(
  publicUrl: string,
  remoteAddress: string,
  headers: IncomingMessage["headers"] = { host: "localhost:8420" },
): boolean {
  const socket = { remoteAddress } as IncomingMessage["socket"];
  return mayReadMetricsWithoutToken(publicUrl)({ raw: { headers, socket } });
}

test("programs of this machine may read where people are on it too, by any of its own names", () => {
  for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.8.0.1"])
    for (const host of ["localhost:8420", "127.0.0.1:8420", "[::1]:8420", "127.0.0.1"])
      assert.ok(mayRead(local, address, { host }), `${address} ${host}`);
});

test("nobody may read where the public name is another, whatever a request says of itself", () => {
  for (const host of ["localhost:8420", "photos.example"])
    assert.ok(!mayRead("https://photos.example", "127.0.0.1", { host }));
});

test("what came from elsewhere, through a proxy or under another name may not read", () => {
  for (const address of ["203.0.113.9", "::ffff:203.0.113.9", "10.0.0.1", "", "2001:db8::1"])
    assert.ok(!mayRead(local, address), address);
  for (const name of ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"])
    assert.ok(!mayRead(local, "127.0.0.1", { host: "localhost:8420", [name]: "" }), name);
  for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b"])
    assert.ok(!mayRead(local, "127.0.0.1", { host }), host);
});
