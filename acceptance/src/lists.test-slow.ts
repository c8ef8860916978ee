import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Answer, assertProblem } from "./harness/api-client.ts";
import { makePng } from "./harness/images.ts";
import { jsonLines, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { uploadToEnd } from "./harness/upload.ts";
import type { Page, Problem, StoredFile } from "./harness/wire.ts";

let server: Server;
let person: Person;
let other: Person;

const made = [
  { name: "IMG_10.png", metadata: { step: "1" } },
  { name: "img_9.png", metadata: { step: "1", "a.b": "é & ü" } },
  { name: "Übung IMG.png", metadata: { step: "2" } },
  { name: "2024 夏の写真.png", metadata: {} },
  { name: "🌈", metadata: {} },
];

before(async () => {
  server = await startServer();
  [person, other] = [await addPerson(server), await addPerson(server)];
  const bytes = await makePng();
  for (const over of made) await uploadToEnd(person.api, bytes, over);
  await uploadToEnd(other.api, bytes, { name: "IMG_10.png", metadata: { step: "1" } });
});
after(() => server.stop());

const get = (query: string, who = person) => who.api.get<Page<StoredFile>>(`/v1/files?${query}`);

/** The names in a list, read in pages of so many. */
async function namesIn(
  query: string,
  limit = 2,
  betweenPages: () => Promise<unknown> = async () => undefined,
): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const { status, body, text }: Answer<Page<StoredFile>> = await get(
      `${query}&limit=${limit}${cursor === null ? "" : `&cursor=${cursor}`}`,
    );
    assert.equal(status, 200, text);
    names.push(...body.items.map(({ name }) => name));
    cursor = body.nextCursor;
    if (cursor !== null) await betweenPages();
  } while (cursor !== null);
  return names;
}

const newestFirst = made.map(({ name }) => name).reverse();

for (const [query, names] of [
  ["sort=created", newestFirst],
  ["sort=taken", newestFirst],
  ["sort=name", ["2024 夏の写真.png", "img_9.png", "IMG_10.png", "Übung IMG.png", "🌈"]],
  ["type=image", newestFirst],
  ["type=image&sort=taken", newestFirst],
  ["type=video", []],
  ["metadata.step=1", ["img_9.png", "IMG_10.png"]],
  [`metadata.a.b=${encodeURIComponent("é & ü")}`, ["img_9.png"]],
  ["metadata.step=3", []],
  ["q=UBUNG", ["Übung IMG.png"]],
  [`q=${encodeURIComponent("写真")}`, ["2024 夏の写真.png"]],
  [`q=${encodeURIComponent("🌈")}`, ["🌈"]],
  ["q=img_1", ["IMG_10.png"]],
  ["q=nothing", []],
] as const)
  test(`?${decodeURIComponent(query)} lists what it says, in its order, of one's own files alone`, async () => {
    assert.deepEqual(await namesIn(query, 1), names);
    assert.deepEqual(await namesIn(query, 200), names);
  });

test("what is found by two words of its name is found once", async () => {
  assert.deepEqual((await namesIn("q=i", 1)).sort(), ["IMG_10.png", "img_9.png", "Übung IMG.png"]);
});

for (const query of [
  "type=image&sort=name",
  "q=a&sort=name",
  "q=a&type=image",
  "metadata.a=1&metadata.b=2",
  "metadata.a=1&sort=taken",
  "metadata.a=1&q=a",
  "scope=trash&sort=created",
  "scope=trash&q=a",
])
  test(`?${query} is refused: nothing goes along that`, async () => {
    const answer = await person.api.get<Problem>(`/v1/files?${query}`);
    assertProblem(answer, 400, "unsupported-combination");
    assert.match(answer.body.detail, /sort=name/);
  });

test("a cursor is one list's, and nobody's key to another's files", async () => {
  const cursorOf = async (query: string) => (await get(`${query}&limit=1`)).body.nextCursor;
  const byName = await cursorOf("sort=name");
  for (const query of ["sort=created", "sort=taken", "type=image", "metadata.step=1", "q=img", "scope=trash"])
    assertProblem(await get(`${query}&cursor=${byName}`), 400, "validation-failed");
  assertProblem(await get(`q=im&cursor=${await cursorOf("q=img")}`), 400, "validation-failed");
  const owners = async (query: string, who: Person) =>
    new Set((await get(query, who)).body.items.map(({ owner }) => owner.id));
  const [hers, theirs] = [await owners(`sort=name&cursor=${byName}`, other), await owners("", other)];
  assert.equal(theirs.size, 1);
  assert.deepEqual(hers, theirs);
});

test("files that are left alone come once, whatever happens to others between pages", async () => {
  const bytes = await makePng();
  const change = async (name: string, method: string, suffix = "", json?: unknown) => {
    const { body } = await get("limit=200");
    const file = body.items.find((item) => item.name === name);
    const answer = await person.api.send(method, `/v1/files/${file?.id}${suffix}`, {
      headers: { "if-match": "*" },
      ...(json !== undefined && { json }),
    });
    assert.ok(answer.status < 300, answer.text);
  };
  for (const name of ["m1", "m2", "m3"]) await uploadToEnd(person.api, bytes, { name });
  const steps = [
    () => change("m1", "PATCH", "", { name: "zz" }),
    () => uploadToEnd(person.api, bytes, { name: "a new one" }),
    () => change("m2", "DELETE"),
    () => change("m3", "DELETE", "?permanent=true"),
  ];
  const seen = await namesIn("sort=name", 1, async () => steps.shift()?.());
  assert.equal(steps.length, 0);
  assert.deepEqual(
    seen.filter((name) => made.some((each) => each.name === name)),
    await namesIn("sort=name").then((now) => now.filter((name) => made.some((each) => each.name === name))),
  );
  assert.deepEqual(await namesIn("scope=trash"), ["m2"]);
});

test("stowage ls asks for the same lists", async () => {
  const names = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCli(["ls", "--json", ...args], {
      env: { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: person.token },
    });
    assert.equal(status, 0, stderr);
    return jsonLines<StoredFile>(stdout).map(({ name }) => name);
  };
  assert.deepEqual(await names("--search", "img_9"), ["img_9.png"]);
  assert.deepEqual(await names("--meta", "a.b=é & ü"), ["img_9.png"]);
  assert.deepEqual((await names("--sort", "name")).slice(0, 2), ["2024 夏の写真.png", "a new one"]);
});
