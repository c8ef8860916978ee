import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { getFile, getMe, mintDownload } from "./harness/files.ts";
import { makeJpeg, makePng, readPicture } from "./harness/images.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { emptyPromise, uploadToEnd } from "./harness/upload.ts";
import type { CreateAnswer } from "./harness/wire.ts";

const report = {
  types: { "image/png": 50_000, "application/pdf": 1000 },
  derivatives: [
    { name: "square", of: "image", width: 40, height: 40, fit: "cover" },
    { name: "thumbnail", width: 100, height: 100, fit: "contain" },
  ],
};

let server: Server;
let person: Person;
let folder: string;

before(async () => {
  folder = await makeFolder("profiles");
  const dataDir = join(folder, "data");
  server = await startServer({ set: { profiles: JSON.stringify({ report }) }, dataDir });
  person = await addPerson(server);
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

const refusalOf = async (sizeBytes: number, contentType: string, profile?: string) => {
  const files = [{ ...emptyPromise(sizeBytes, { contentType }), ...(profile ? { profile } : {}) }];
  const answer = await person.api.post<CreateAnswer>("/v1/uploads", { files });
  return answer.body.items[0]?.problem?.code ?? answer.status;
};

test("each profile takes its own types, each up to its own size", async () => {
  assert.equal(await refusalOf(50_000, "image/png", "report"), 201);
  assert.equal(await refusalOf(50_001, "image/png", "report"), "file-too-large");
  assert.equal(await refusalOf(1001, "application/pdf", "report"), "file-too-large");
  assert.equal(await refusalOf(1000, "image/jpeg", "report"), "type-not-allowed");
  assert.equal(await refusalOf(50_001, "image/png"), 201);
  assert.equal(await refusalOf(1000, "image/jpeg", "default"), 201);
  for (const unknown of ["reports", "constructor"])
    assert.equal(await refusalOf(1000, "image/png", unknown), "validation-failed");
});

test("what turns out to be of another type than the profile takes is rejected", async () => {
  const upload = await uploadToEnd(person.api, await makeJpeg(), { profile: "report" });
  assert.deepEqual([upload.state, upload.rejection?.code], ["rejected", "type-mismatch"]);
});

test("a profile's pictures get its derivatives, and no other", async () => {
  const picture = await makePng({ width: 120, height: 60 });
  const { fileId } = await uploadToEnd(person.api, picture, { profile: "report" });
  const { derivatives } = await getFile(person.api, fileId);
  assert.deepEqual(
    derivatives.map(({ name, width, height }) => [name, width, height]),
    [
      ["square", 40, 40],
      ["thumbnail", 100, 50],
    ],
  );
  const square = await fetchBytes(await mintDownload(person.api, fileId, { derivative: "square" }));
  assert.deepEqual(await readPicture(square.bytes), { format: "webp", width: 40, height: 40 });
});

test("a person sees every profile, the default one first", async () => {
  const { profiles } = await getMe(person.api);
  assert.deepEqual(
    profiles.map(({ name }) => name),
    ["default", "report"],
  );
  assert.deepEqual(profiles[1]?.types, [
    { contentType: "image/png", maxSizeBytes: 50_000 },
    { contentType: "application/pdf", maxSizeBytes: 1000 },
  ]);
});

test("stowage put --profile sends by it, and says why it does not take something", async () => {
  const env = { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: person.token, HOME: folder };
  await writeFile(join(folder, "small.png"), await makePng());
  await writeFile(join(folder, "photo.jpg"), await makeJpeg());
  const put = (...args: readonly string[]) =>
    runCli(["put", ...args, "--json", "--profile", "report"], { cwd: folder, env });
  const taken = await put("small.png");
  assert.equal(taken.status, 0, taken.stderr);
  const [line] = jsonLines<{ id: string }>(taken.stdout);
  assert.equal((await getFile(person.api, line?.id ?? "")).derivatives[0]?.name, "square");
  const refused = await put("photo.jpg");
  assert.notEqual(refused.status, 0);
  assert.match(refused.stdout + refused.stderr, /image\/jpeg/);
});

test("a wrong profile stops the start with a sentence that names it, its member and why", async () => {
  for (const [profiles, sentence] of [
    [{ report: { ...report, size: 1 } }, /profiles is wrong in profile report: there is no member "size"/],
    [{ report: { types: { "image/png": -1 } } }, /profile report: types: image\/png: must be a whole number/],
    [{ Report: report }, /profiles is wrong: a profile's name must be/],
  ] as const) {
    const dataDir = join(folder, "other");
    const args = ["up", "--data", dataDir, "--port", "0", "--set", `profiles=${JSON.stringify(profiles)}`];
    const { status, stderr } = await runCli(args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, sentence);
  }
});

test("stowage config shows the profiles as the file has them", async () => {
  const { stdout } = await runCli([
    "config",
    "--json",
    "--data",
    join(folder, "other"),
    "--set",
    `profiles=${JSON.stringify({ report })}`,
  ]);
  const setting = jsonLines<{ key: string; value: Record<string, unknown> }>(stdout).find(
    ({ key }) => key === "profiles",
  );
  assert.deepEqual(setting?.value.report, { ...report, activeContent: "flag" });
});
