import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { addPerson, type Person } from "./harness/add-person.ts";
import { getFile, getMe, mintDownload } from "./harness/files.ts";
import { makeJpeg, makePng, readPicture } from "./harness/images.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { emptyPromise, getUpload, uploadToEnd } from "./harness/upload.ts";
import type { CreateAnswer } from "./harness/wire.ts";

const report = {
  types: { "image/png": 50_000, "application/pdf": 1000 },
  derivatives: [
    { name: "square", of: "image", width: 40, height: 40, fit: "cover" },
    { name: "thumbnail", width: 100, height: 100, fit: "contain" },
    { name: "photo", of: "image", width: 60, height: 60, fit: "contain", format: "jpeg" },
    { name: "modern", of: "image", width: 60, height: 60, fit: "contain", format: "avif" },
    { name: "exact", of: "image", width: 60, height: 60, fit: "contain", format: "png" },
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
      ["photo", 60, 30],
      ["modern", 60, 30],
      ["exact", 60, 30],
    ],
  );
  const square = await fetchBytes(await mintDownload(person.api, fileId, { derivative: "square" }));
  assert.deepEqual(await readPicture(square.bytes), { format: "webp", width: 40, height: 40 });
});

test("a derivative is encoded, labelled and named as its format is", async () => {
  const bytes = await makePng({ width: 120, height: 60 });
  const { fileId } = await uploadToEnd(person.api, bytes, { profile: "report", name: "plan.v2.png" });
  for (const [derivative, contentType, format, ending] of [
    ["photo", "image/jpeg", "jpeg", "jpg"],
    ["modern", "image/avif", "heif", "avif"],
    ["exact", "image/png", "png", "png"],
    ["thumbnail", "image/webp", "webp", "webp"],
  ] as const) {
    const stored = await fetchBytes(await mintDownload(person.api, fileId, { derivative }));
    assert.equal(stored.headers.get("content-type"), contentType);
    assert.match(
      stored.headers.get("content-disposition") ?? "",
      new RegExp(`plan\\.v2-${derivative}\\.${ending}`),
    );
    assert.equal((await readPicture(stored.bytes)).format, format);
  }
});

test("focus and crop in the metadata choose what a cropped picture shows", async () => {
  // Red in the left third, green in the middle, blue in the right one.
  const stripes = await sharp({ create: { width: 300, height: 100, channels: 3, background: "#00c800" } })
    .composite([
      { input: { create: { width: 100, height: 100, channels: 3, background: "#f00000" } }, left: 0, top: 0 },
      {
        input: { create: { width: 100, height: 100, channels: 3, background: "#0000f0" } },
        left: 200,
        top: 0,
      },
    ])
    .png()
    .toBuffer();
  for (const [metadata, channel, said] of [
    [{}, 1, undefined],
    [{ focus: "0.1,0.5" }, 0, undefined],
    [{ crop: "0.7,0,0.3,1" }, 2, undefined],
    [{ focus: "left" }, 1, /cropped without regard to focus/],
  ] as const) {
    const upload = await uploadToEnd(person.api, stripes, { profile: "report", metadata });
    const request = await mintDownload(person.api, upload.fileId, { derivative: "square" });
    const { channels } = await sharp((await fetchBytes(request)).bytes).stats();
    const brightest = [0, 1, 2].toSorted((a, b) => (channels[b]?.mean ?? 0) - (channels[a]?.mean ?? 0))[0];
    assert.equal(brightest, channel, JSON.stringify(metadata));
    const { events } = await getUpload(person.api, upload.id);
    const end = events?.find(({ type }) => type === "ready")?.detail ?? "";
    if (said) assert.match(end, said);
    else assert.doesNotMatch(end, /without regard/);
  }
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
