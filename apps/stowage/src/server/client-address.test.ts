import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { createClientAddress } from "./client-address.ts";

const from = (trusted: readonly string[], remoteAddress: string, forwarded?: string) =>
  createClientAddress(trusted)({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  });

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.toLowerCase().startsWith("::ffff:")),
);

test("without a trusted proxy nothing that a request says counts", () => {
  fc.assert(
    fc.property(address, fc.oneof(address, fc.string()), (remote, forged) => {
      assert.equal(from([], remote, forged), remote);
    }),
  );
});

test("a client of a trusted proxy is who the proxy says, whatever the client wrote before that", () => {
  const client = fc.ipV4().filter((text) => !text.startsWith("127."));
  fc.assert(
    fc.property(client, fc.array(fc.oneof(address, fc.string()), { maxLength: 5 }), (person, forged) => {
      const proxies = ["127.0.0.1", "::1"];
      for (const proxy of [...proxies, "::ffff:127.0.0.1"])
        assert.equal(from(proxies, proxy, [...forged, person].join(", ")), person);
    }),
  );
});

test("whatever a request says, who is no trusted proxy stays who connects, and a proxy's clients stay apart", () => {
  const stranger = fc.ipV4().filter((text) => !text.startsWith("10."));
  const said = fc.array(fc.oneof(address, fc.string(), fc.constant("10.0.0.1")), { maxLength: 4 });
  fc.assert(
    fc.property(stranger, stranger, said, (one, other, forged) => {
      const clientAddress = createClientAddress(["10.0.0.0/8"]);
      const named = (client: string) => ({ "x-forwarded-for": [...forged, client].join(",") });
      const connection = { remoteAddress: one };
      for (const client of [other, "10.0.0.2", ""])
        assert.equal(clientAddress({ socket: connection, headers: named(client) }), one);
      const proxy = { remoteAddress: "10.0.0.1" };
      for (const client of [one, other, one])
        assert.equal(clientAddress({ socket: proxy, headers: named(client) }), client);
    }),
  );
});

for (const [what, trusted, remote, forwarded, expected] of [
  ["a connection that is no proxy's is believed alone", ["10.0.0.0/8"], "192.0.2.1", "10.0.0.1", "192.0.2.1"],
  ["a proxy that says nothing is who asks", ["10.0.0.0/8"], "10.9.9.9", undefined, "10.9.9.9"],
  ["an empty header says nothing", ["10.0.0.0/8"], "10.9.9.9", "", "10.9.9.9"],
  [
    "of a chain of proxies each is passed",
    ["10.0.0.0/8", "192.0.2.7"],
    "10.1.1.1",
    "6.6.6.6, 203.0.113.9, 192.0.2.7",
    "203.0.113.9",
  ],
  [
    "a proxy of theirs before ours is not passed",
    ["10.0.0.0/8"],
    "10.1.1.1",
    "203.0.113.9, 192.0.2.7",
    "192.0.2.7",
  ],
  [
    "words before the proxy's own are not read",
    ["10.0.0.1"],
    "10.0.0.1",
    "unknown, 203.0.113.9",
    "203.0.113.9",
  ],
  [
    "a proxy that names no address hides who asked",
    ["10.0.0.1"],
    "10.0.0.1",
    "203.0.113.9, unknown",
    "10.0.0.1",
  ],
  ["only proxies: the first of them", ["10.0.0.0/8"], "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["a port is cut off", ["10.0.0.1"], "10.0.0.1", "203.0.113.9:1234", "203.0.113.9"],
  ["IPv6 in brackets", ["::1"], "::1", "[2001:db8::7]:443", "2001:db8::7"],
  ["a range of IPv6", ["2001:db8::/32"], "2001:db8:1::1", "203.0.113.9", "203.0.113.9"],
  [
    "IPv4 in IPv6's notation is the same address",
    ["127.0.0.1"],
    "::ffff:127.0.0.1",
    "::ffff:203.0.113.9",
    "203.0.113.9",
  ],
  ["a zone is no part of the address", [], "fe80::1%eth0", undefined, "fe80::1"],
  ["a connection that has no address", ["10.0.0.0/8"], "", "203.0.113.9", ""],
] as const)
  test(what, () => assert.equal(from(trusted, remote, forwarded), expected));

test("several headers are read as one, in their order", async (t) => {
  const clientAddress = createClientAddress(["127.0.0.1"]);
  const server = createServer((asked, answer) => answer.end(clientAddress(asked)));
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const asked = request({
    port,
    host: "127.0.0.1",
    headers: { "X-Forwarded-For": ["6.6.6.6", "203.0.113.9"] },
  });
  const [answer] = await once(asked.end(), "response");
  let body = "";
  for await (const chunk of answer) body += chunk;
  assert.equal(body, "203.0.113.9");
});
