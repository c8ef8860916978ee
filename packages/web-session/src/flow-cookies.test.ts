import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { cookiePlaceOf } from "./cookie-place.ts";
import { createFlowCookies } from "./flow-cookies.ts";

let nowMs = 1_000_000;
const options = {
  place: cookiePlaceOf("http://localhost:8420"),
  key: randomBytes(32),
  context: [],
  nowMs: () => nowMs,
};
const flows = createFlowCookies(options);

const random = () => randomBytes(32).toString("base64url");
const newFlow = (returnTo = "/photos") => ({
  state: random(),
  nonce: random(),
  codeVerifier: random(),
  returnTo,
});

/** Does with the jar what a browser does. */
function keep(jar: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/Max-Age=0;/.test(line)) jar.delete(name);
    else jar.set(name, value);
  }
}

const sizeBytes = (jar: ReadonlyMap<string, string>) =>
  [...jar].reduce((sum, [name, value]) => sum + name.length + value.length + 3, 0);

test("a flow is found by its state, whole, and by no other", () => {
  const jar = new Map<string, string>();
  const flow = newFlow();
  const lines = flows.begin(flow, jar);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    /^stowage-sign-in-8420-.{8}=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
  );
  keep(jar, lines);
  assert.deepEqual(flows.find(flow.state, jar), flow);
  assert.equal(flows.find(random(), jar), undefined);
  assert.equal(flows.find(`${flow.state.slice(0, 8)}${random().slice(8)}`, jar), undefined);
  assert.equal(flows.find(flow.state.slice(0, 8), jar), undefined);
  keep(jar, [flows.end(flow.state)]);
  assert.equal(flows.find(flow.state, jar), undefined);
});

test("a flow of another key, or another flow's cookie under its name, is not found", () => {
  const flow = newFlow();
  const [name = "", value = ""] = flows.begin(flow, new Map())[0]?.split(/[=;]/) ?? [];
  const others = createFlowCookies({ ...options, key: randomBytes(32) });
  assert.equal(others.find(flow.state, new Map([[name, value]])), undefined);
  const [, second = ""] = flows.begin(newFlow(), new Map())[0]?.split(/[=;]/) ?? [];
  assert.equal(flows.find(flow.state, new Map([[name, second]])), undefined);
});

test("a flow lasts ten minutes", () => {
  const jar = new Map<string, string>();
  const flow = newFlow();
  keep(jar, flows.begin(flow, jar));
  nowMs += 600_000;
  assert.ok(flows.find(flow.state, jar));
  nowMs += 1;
  assert.equal(flows.find(flow.state, jar), undefined);
});

for (const [returnTo, atLeast] of [
  ["/", 8],
  [`/${"a".repeat(511)}`, 3],
] as const)
  test(`sign-ins in many tabs go on side by side; the oldest of too many end (${returnTo.length} characters to return to)`, () => {
    const jar = new Map<string, string>([
      ["other", "kept"],
      ["stowage-session-8420", "kept"],
      ["stowage-sign-in-84200-12345678", "of a server on another port"],
    ]);
    const begun = [];
    for (let count = 0; count < 40; count += 1) {
      nowMs += 1;
      const flow = newFlow(returnTo);
      begun.unshift(flow);
      keep(jar, flows.begin(flow, jar));
      assert.ok(sizeBytes(jar) < 4500, `${sizeBytes(jar)}`);
    }
    const found = begun.map((flow) => flows.find(flow.state, jar) !== undefined);
    const alive = found.indexOf(false);
    assert.ok(alive >= atLeast && alive <= 10, `${alive}`);
    assert.ok(!found.includes(true, alive));
    assert.equal(jar.size, 3 + alive);
    assert.equal(jar.get("other"), "kept");
  });

test("cookies under a flow's name that are not ours are removed", () => {
  const jar = new Map([["stowage-sign-in-8420-12345678", "x".repeat(4000)]]);
  keep(jar, flows.begin(newFlow(), jar));
  assert.equal(jar.has("stowage-sign-in-8420-12345678"), false);
});
