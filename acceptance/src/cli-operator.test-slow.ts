import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { createApi } from "./harness/api-client.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import type { Me } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

test("user add, user list and token serve the operator on the data directory", async () => {
  const email = "Operated.Person+x@Example.test";
  const data = ["--data", server.dataDir];
  const added = await runCli(["user", "add", email, "--org", "Example", ...data]);
  assertSaid(added, 0);
  const again = await runCli(["user", "add", email.toLowerCase(), ...data]);
  assertSaid(again, 1, /operated\.person/i);
  for (const wrong of ["not-an-address", "a@b@c", "", "x\ny@example.test"]) {
    const result = await runCli(["user", "add", wrong, ...data]);
    assert.ok(result.status === 1 || result.status === 2, `${JSON.stringify(wrong)}: ${result.status}`);
    assert.doesNotMatch(result.stderr, /^\s+at /m);
  }
  const listed = await runCli(["user", "list", ...data]);
  assertSaid(listed, 0);
  assert.match(`${listed.stdout}`.toLowerCase(), /operated\.person\+x@example\.test/);
  const asJson = await runCli(["user", "list", "--json", ...data]);
  const people = jsonLines<{ email: string }>(asJson.stdout);
  assert.ok(people.some((one) => one.email.toLowerCase() === email.toLowerCase()));

  const minted = await runCli(["token", email, "--ttl", "60", ...data]);
  assertSaid(minted, 0);
  assert.match(minted.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/, "one token and nothing else");
  const me = await createApi(server.api, minted.stdout.trim()).get<Me>("/v1/me");
  assert.equal(me.status, 200, me.text);
  assert.equal(me.body.email?.toLowerCase(), email.toLowerCase());
  assertSaid(await runCli(["token", "nobody@example.test", ...data]), 1, /nobody@example\.test/);
  for (const args of [
    ["--scope", "everything"],
    ["--ttl", "0"],
    ["--ttl", "-5"],
    ["--ttl", "forever"],
    ["--ttl", "1e9"],
  ]) {
    const result = await runCli(["token", email, ...args, ...data]);
    assert.ok(result.status === 1 || result.status === 2, `${args.join(" ")}: ${result.status}`);
    assert.equal(result.stdout, "");
  }
});

test("user add takes a password from standard input, and refuses a weak one", async () => {
  const data = ["--data", server.dataDir];
  const strong = await runCli(["user", "add", "strong@example.test", "--password-stdin", ...data], {
    stdin: "correct horse battery staple 9\n",
  });
  assertSaid(strong, 0);
  assert.doesNotMatch(`${strong.stdout}${strong.stderr}`, /correct horse/);
  const weak = await runCli(["user", "add", "weak@example.test", "--password-stdin", ...data], {
    stdin: "a\n",
  });
  assert.ok(weak.status === 1 || weak.status === 2, `${weak.status}`);
});

test("config prints every setting, and a wrong one stops the start with its name", async () => {
  const shown = await runCli(["config"]);
  assertSaid(shown, 0);
  for (const key of [
    "limits.quotaBytes",
    "limits.openUploads",
    "limits.createsPerMinute",
    "worker.concurrency",
  ])
    assert.ok(shown.stdout.includes(key), key);
  const asJson = await runCli(["config", "--json"]);
  assertSaid(asJson, 0);
  assert.ok(jsonLines(asJson.stdout).length > 0);
  const folder = await makeFolder("config");
  try {
    for (const [setting, named] of [
      ["limits.nonsense=1", /limits\.nonsense/],
      ["nonsense", /nonsense/],
      ["limits.quotaBytes=plenty", /limits\.quotaBytes/],
      ["limits.quotaBytes=-1", /limits\.quotaBytes/],
      ["limits.urlLifetimeSeconds=100000", /limits\.urlLifetimeSeconds/],
      ["__proto__.polluted=1", /__proto__/],
    ] as const) {
      const result = await runCli(["up", "--data", folder, "--port", "0", "--set", setting], {
        timeoutMs: 20_000,
      });
      assert.ok(result.status === 1 || result.status === 2, `${setting}: ${result.status} ${result.stderr}`);
      assert.match(result.stderr, named);
      assert.doesNotMatch(result.stderr, /^\s+at /m);
    }
  } finally {
    await removeFolder(folder);
  }
});

test("a busy port is named, and a host beyond loopback wants https or a word", async () => {
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  const address = busy.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const folder = await makeFolder("busy");
  try {
    const result = await runCli(["up", "--data", folder, "--port", port], { timeoutMs: 20_000 });
    assertSaid(result, 1, new RegExp(port));
    const beyond = ["up", "--data", folder, "--port", "0", "--host", "0.0.0.0"];
    const unnamed = await runCli(beyond, { timeoutMs: 20_000 });
    assert.ok(unnamed.status === 1 || unnamed.status === 2, `${unnamed.status}`);
    assert.match(unnamed.stderr, /--public-url|https|--insecure-http/);
    const urls = ["--public-url", "http://files.example.test", "--bucket-url", "http://bucket.example.test"];
    const plain = await runCli([...beyond, ...urls], { timeoutMs: 20_000 });
    assert.ok(plain.status === 1 || plain.status === 2, `${plain.status}`);
    assert.match(plain.stderr, /https|--insecure-http/);
    const shared = [
      "--public-url",
      "https://files.example.test",
      "--bucket-url",
      "https://files.example.test:444",
    ];
    assertSaid(await runCli([...beyond, ...shared], { timeoutMs: 20_000 }), 2, /host name/);
  } finally {
    busy.close();
    await removeFolder(folder);
  }
});

test("two servers can't share a data directory", async () => {
  const result = await runCli(["up", "--data", server.dataDir, "--port", "0"], { timeoutMs: 20_000 });
  assertSaid(result, 1, /./);
  assert.equal((await person.api.get("/v1/me")).status, 200, "the first one goes on");
});
