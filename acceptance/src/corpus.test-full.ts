import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type CorpusFile, corpusDir, corpusFiles, withoutCorpus } from "./harness/corpus.ts";
import { downloadOriginal, listAll, mintDownload } from "./harness/files.ts";
import { measureDifference, readPicture } from "./harness/images.ts";
import { jsonLines, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import { intentOf, isEnded, waitForEnds } from "./harness/upload.ts";
import type { CompleteBatchAnswer, CreateAnswer, StoredFile, Upload } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  if (withoutCorpus) return;
  server = await startServer();
  person = await addPerson(server);
});
after(async () => {
  if (!withoutCorpus) await server.stop();
});

interface Ending {
  readonly file: CorpusFile;
  readonly sha256: string;
  /** `undefined` where the create refused it. */
  readonly upload: Upload | undefined;
  readonly sentence: string;
}

/** Sends files in batches of a hundred, eight PUTs at once, and waits for all of them to end. */
async function sendAll(files: readonly CorpusFile[]): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (let from = 0; from < files.length; from += 100) {
    const batch = files.slice(from, from + 100).map((file) => ({ file, bytes: file.read() }));
    const intents = batch.map(({ file, bytes }) =>
      intentOf(bytes, { name: file.name, contentType: file.contentType }),
    );
    const created = await person.api.post<CreateAnswer>("/v1/uploads", { files: intents });
    const items = created.body.items.map((item, index) => ({ ...item, ...batch[index] }));
    const queue = items.filter(({ upload }) => upload !== undefined);
    const ids = queue.map(({ upload }) => upload?.id ?? "");
    const sender = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        assert.ok(next.upload && next.bytes);
        assert.equal((await sendBytes(putRequestOf(next.upload), next.bytes)).status, 200, next.file?.name);
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    if (ids.length > 0) await person.api.post<CompleteBatchAnswer>("/v1/uploads/complete", { ids });
    const ended = new Map((await waitForEnds(person.api, ids)).map((upload) => [upload.id, upload]));
    for (const { upload, problem, file, bytes } of items) {
      assert.ok(file && bytes);
      const end = upload && ended.get(upload.id);
      const sentence = problem?.detail ?? end?.rejection?.detail ?? "";
      endings.push({ file, sha256: sha256Of(bytes), upload: end, sentence });
    }
  }
  return endings;
}

async function assertEnded(endings: readonly Ending[]): Promise<void> {
  for (const { file, sha256, upload, sentence } of endings) {
    if (upload?.state === "ready") {
      const original = await downloadOriginal(person.api, upload.fileId);
      assert.equal(sha256Of(original.bytes), sha256, file.name);
      const request = await mintDownload(person.api, upload.fileId, { derivative: "thumbnail" });
      const thumbnail = await readPicture((await fetchBytes(request)).bytes);
      assert.equal(thumbnail.format, "webp", file.name);
      assert.ok(thumbnail.width <= 320 && thumbnail.height <= 320, file.name);
    } else {
      assert.ok(upload === undefined || upload.state === "rejected", `${file.name}: ${upload?.state}`);
      assert.match(sentence, /^\S.+ .+[.!?]$/s, `${file.name}: no sentence`);
    }
  }
}

const whatBecame = (endings: readonly Ending[], state: string): string[] =>
  endings
    .filter(({ upload }) => (upload?.state ?? "refused") === state)
    .map(({ file, upload }) => `${file.name} ${upload?.rejection?.code ?? ""}`.trim());

test("every picture of the corpus ends ready, rejected or refused with a sentence", {
  skip: withoutCorpus,
}, async () => {
  const endings = await sendAll(corpusFiles("images"));
  await assertEnded(endings);
  const rejected = whatBecame(endings, "rejected");
  for (const name of ["corrupt-header.jpg", "truncated.jpg", "truncated.png"])
    assert.ok(
      rejected.some((line) => line.startsWith(name)),
      `${name} was taken`,
    );
  const ordinary = [
    "320x240.jpg",
    "4.webp",
    "swiss.png",
    "rotating-squares.gif",
    "Channel_digital_image_CMYK_color.jpg",
  ];
  const ready = whatBecame(endings, "ready");
  for (const name of ordinary) assert.ok(ready.includes(name), `${name}: ${rejected.join(", ")}`);
  assert.ok(ready.length >= 70, `only ${ready.length} are ready; rejected: ${rejected.join(", ")}`);
  for (const name of ["check.svg", "circle.svg"]) assert.ok(!ready.includes(name), `${name} was taken`);
});

test("of PngSuite all that begin with x are rejected and all others are ready", {
  skip: withoutCorpus,
}, async () => {
  const endings = await sendAll(corpusFiles("pngsuite"));
  assert.ok(endings.length >= 170);
  await assertEnded(endings);
  assert.deepEqual(
    whatBecame(endings, "ready").filter((name) => name.startsWith("x")),
    [],
  );
  assert.deepEqual(
    whatBecame(endings, "rejected").filter((name) => !name.startsWith("x")),
    [],
  );
});

test("photographs of every orientation have upright thumbnails that look alike", {
  skip: withoutCorpus,
}, async () => {
  const endings = await sendAll(corpusFiles("orientation"));
  await assertEnded(endings);
  for (const kind of ["Portrait", "Landscape"]) {
    const thumbnails: [string, Buffer][] = [];
    for (const { file, upload } of endings.filter(({ file }) => file.name.startsWith(kind))) {
      assert.equal(upload?.state, "ready", file.name);
      const request = await mintDownload(person.api, upload.fileId, { derivative: "thumbnail" });
      const { bytes } = await fetchBytes(request);
      const { width, height } = await readPicture(bytes);
      assert.ok(kind === "Portrait" ? height > width : width > height, `${file.name}: ${width} × ${height}`);
      thumbnails.push([file.name, bytes]);
    }
    const [first] = thumbnails;
    assert.ok(first && thumbnails.length >= 9);
    for (const [name, bytes] of thumbnails) {
      const difference = await measureDifference(bytes, first[1]);
      assert.ok(difference < 25, `${name} differs from ${first[0]} by ${difference}`);
    }
  }
});

test("of the 107 PDFs 105 have a page and a count of them, one wants a password, one is damaged", {
  skip: withoutCorpus,
}, async () => {
  const endings = await sendAll(corpusFiles("pdf"));
  assert.equal(endings.length, 107);
  assert.deepEqual(whatBecame(endings, "rejected"), ["bug1020226.pdf corrupt"]);
  assert.deepEqual(whatBecame(endings, "refused"), []);
  const pictured = endings.filter(({ file }) => file.name !== "issue21579.pdf");
  await assertEnded(pictured);
  for (const { file, upload } of pictured.filter(({ upload }) => upload?.state === "ready")) {
    const { body } = await person.api.get<StoredFile>(`/v1/files/${upload?.fileId}`);
    assert.ok(body.pageCount !== undefined && body.pageCount > 0, file.name);
    assert.equal(body.passwordProtected, undefined, file.name);
    const request = await mintDownload(person.api, body.id, { derivative: "page" });
    const page = await readPicture((await fetchBytes(request)).bytes);
    const listed = body.derivatives.find(({ name }) => name === "page");
    assert.deepEqual(
      [page.format, page.width, page.height],
      ["webp", listed?.width, listed?.height],
      file.name,
    );
    assert.ok(Math.max(page.width, page.height) <= 1600, file.name);
  }
  const locked = endings.find(({ file }) => file.name === "issue21579.pdf");
  assert.equal(locked?.upload?.state, "ready");
  const { body } = await person.api.get<StoredFile>(`/v1/files/${locked.upload.fileId}`);
  assert.equal(body.passwordProtected, true);
  assert.deepEqual([body.pageCount, body.thumbhash, body.derivatives], [undefined, undefined, []]);
  const original = await downloadOriginal(person.api, body.id);
  assert.equal(sha256Of(original.bytes), locked.sha256);
  const { body: timeline } = await person.api.get<Upload>(`/v1/uploads/${locked.upload.id}`);
  assert.match(timeline.events?.at(-1)?.detail ?? "", /protected by a password/);
});

test("put -r of a folder of the corpus says of every file what became of it", {
  skip: withoutCorpus,
}, async () => {
  const other = await addPerson(server, "put");
  for (const folder of ["pngsuite", "images"]) {
    const result = await runCli(["put", "-r", join(corpusDir ?? "", folder), "--json"], {
      env: { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: other.token },
      timeoutMs: 180_000,
    });
    assert.ok(result.status === 3 || result.status === 0, `${result.status} ${result.stderr.slice(-1000)}`);
    const lines = jsonLines<{ file: string; state?: string; sha256?: string; problem?: unknown }>(
      result.stdout,
    );
    for (const file of corpusFiles(folder)) {
      const line = lines.find((one) => basename(one.file) === file.name);
      assert.ok(line, `nothing was said of ${file.name}`);
      if (line.state === "ready") assert.equal(line.sha256, sha256Of(file.read()), file.name);
      else assert.ok(line.problem !== undefined || line.state === "rejected", JSON.stringify(line));
    }
  }
  const uploads = await listAll<Upload>(other.api, "/v1/uploads");
  assert.ok(uploads.every(isEnded));
  const digests = new Set(
    corpusFiles("pngsuite")
      .filter(({ name }) => !name.startsWith("x"))
      .map((file) => sha256Of(file.read())),
  );
  const files = await listAll<StoredFile>(other.api, "/v1/files");
  for (const digest of digests) assert.ok(files.some(({ sha256 }) => sha256 === digest));
});
