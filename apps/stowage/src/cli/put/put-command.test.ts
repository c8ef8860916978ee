import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { captivePortal, type ScriptedServerOptions, startScriptedServer } from "@stowage/client/testing";
import type { FileIntent } from "@stowage/protocol";
import { capturedRun, jsonValues, type RunOptions } from "../testing/captured-run.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const jpeg = (words: string) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from(words)]);

async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const put = (args: readonly string[], run: RunOptions = {}) =>
    capturedRun(["put", ...args], {
      cwd,
      env: { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" },
      ...run,
    });
  const write = async (name: string, bytes: Buffer | string = jpeg(name)) => {
    await writeFile(join(cwd, name), bytes);
    return name;
  };
  return { server, cwd, put, write };
}

interface Line {
  readonly file: string;
  readonly id?: string;
  readonly state?: string;
  readonly sha256?: string;
  readonly rejection?: { readonly code: string };
  readonly alreadyThere?: boolean;
  readonly problem?: { readonly code: string; readonly detail: string };
}

test("sends a file with its type and metadata, and says where it is", async (t) => {
  const { server, put, write } = await setUp(t);
  await write("photo.jpeg");
  const { status, out, said } = await put(["photo.jpeg", "--meta", "case=1", "--meta", "b=c=d"]);
  assert.equal(status, 0, said);
  const [upload] = server.uploads.values();
  assert.equal(out, `ready     ${upload?.fileId}  photo.jpeg\n`);
  assert.equal(said, "");
  assert.equal(upload?.intent.contentType, "image/jpeg");
  assert.deepEqual(upload?.intent.metadata, { case: "1", b: "c=d" });
});

test("says of each of several what became of it, in words and in JSON", async (t) => {
  const { server, put, write } = await setUp(t, {
    verdict: (bytes) => (bytes.includes("bad") ? { code: "corrupt", detail: "It is damaged." } : undefined),
  });
  const files = [await write("good.jpg"), await write("bad.jpg"), await write("no.exe", "MZ"), "none.jpg"];
  const words = await put(files);
  assert.equal(words.status, 3);
  assert.match(words.out, /^ready {5}\S+ {2}good\.jpg\n$/);
  assert.match(words.said, /^rejected {2}bad\.jpg: It is damaged\. \(corrupt\)$/m);
  assert.match(words.said, /^failed {4}no\.exe: application\/x-msdownload is not taken here\.$/m);
  assert.match(words.said, /^failed {4}none\.jpg: There is no such file or folder\.$/m);
  assert.match(words.said, /^1 ready, 1 rejected, 2 failed\.$/m);

  const lines = jsonValues<Line>(await put([...files, "--json"]));
  const lineOf = (name: string) => lines.find(({ file }) => file === name);
  const [good] = server.uploads.values();
  assert.deepEqual(lineOf("good.jpg"), {
    file: "good.jpg",
    id: good?.fileId,
    state: "ready",
    sha256: good?.intent.sha256,
    alreadyThere: true,
  });
  assert.equal(lineOf("bad.jpg")?.rejection?.code, "corrupt");
  assert.equal(lineOf("no.exe")?.problem?.code, "type-not-allowed");
  assert.deepEqual(lineOf("none.jpg")?.problem, {
    code: "file-unreadable",
    detail: "There is no such file or folder.",
  });
});

test("says of a name that is no UTF-8 that it can't be read, and sends what is beside it", {
  skip: process.platform !== "linux" && "only Linux takes such a name",
}, async (t) => {
  const { cwd, put, write } = await setUp(t);
  await write("good.jpg");
  await writeFile(Buffer.concat([Buffer.from(join(cwd, "bad")), Buffer.from([0xff, 0xfe])]), jpeg("bad"));
  const { status, out, said } = await put(["-r", "."]);
  assert.equal(status, 3);
  assert.match(out, /^ready .*good\.jpg$/m);
  assert.match(
    said,
    /^failed .*bad.*: Its name is not UTF-8 and can't be read here: give it another name\.$/m,
  );
});

test("ends with 1 where nothing was sent, and with 0 where there was nothing to send", async (t) => {
  const { cwd, put, write } = await setUp(t);
  await mkdir(join(cwd, "empty"));
  await write(".hidden.jpg");
  assert.equal((await put([await write("a.exe", "MZ"), "empty"])).status, 1);
  const nothing = await put(["-r", "empty"]);
  assert.deepEqual([nothing.status, nothing.said], [0, "There was nothing to send.\n"]);
  const hidden = await put(["-r", "."]);
  assert.equal(hidden.status, 1);
  assert.match(hidden.said, /Skipped below folders: 1 hidden\./);
});

test("sends a file once: again only when it changed, or was deleted on the server", async (t) => {
  const { server, cwd, put, write } = await setUp(t);
  const file = await write("a.jpg");
  const fileId = async () => jsonValues<Line>(await put([file, "--json"]))[0];
  const first = await fileId();
  assert.deepEqual(await fileId(), { ...first, alreadyThere: true });
  assert.match((await put([file])).out, /a\.jpg {2}\(already there\)\n$/);
  assert.equal(server.store.storedCount(), 1);

  await capturedRun(["rm", first?.id ?? ""], { env: { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" } });
  const second = await fileId();
  assert.notEqual(second?.id, first?.id);
  assert.equal((await fileId())?.id, second?.id, "the one after it is found again");

  await utimes(join(cwd, file), new Date(0), new Date(0));
  assert.notEqual((await fileId())?.id, second?.id);
  assert.equal(server.store.storedCount(), 3);
});

test("goes on where it was stopped", async (t) => {
  const controller = new AbortController();
  const { server, put, write } = await setUp(t, {
    fault({ method }) {
      if (method !== "PUT" || controller.signal.aborted || server.count("PUT") < 3) return undefined;
      controller.abort();
      return "hang";
    },
  });
  const files = await Promise.all(Array.from({ length: 8 }, (_, index) => write(`${index}.jpg`)));
  const stopped = await put([...files, "--concurrency", "1"], { signal: controller.signal });
  assert.equal(stopped.status, 130);
  assert.match(stopped.said, /Stopped\. The same command goes on where this one was\./);
  const { status } = await put(files);
  assert.equal(status, 0);
  assert.equal(server.uploads.size, 8);
  assert.equal(server.store.storedCount(), 8);
});

/** A large file is never read whole before it is sent: its beginning says that it is a video. */
const largeVideo = (sizeBytes = 25_000_000) => {
  const bytes = Buffer.alloc(sizeBytes, 9);
  bytes.write("\0\0\0\x18ftypisom", "latin1");
  return bytes;
};

const partNumberOf = (path: string): number => Number(/partNumber=(\d+)/.exec(path)?.[1] ?? 0);

test("sends a large file in parts, and goes on with those that are missing", async (t) => {
  const controller = new AbortController();
  const { server, put, write } = await setUp(t, {
    fault({ path }) {
      if (partNumberOf(path) !== 3 || controller.signal.aborted) return undefined;
      controller.abort();
      return "hang";
    },
  });
  const bytes = largeVideo();
  const file = await write("clip.mp4", bytes);
  const stopped = await put([file, "--concurrency", "1"], { signal: controller.signal });
  assert.equal(stopped.status, 130);
  const [line] = jsonValues<Line>(await put([file, "--json"]));
  const [upload] = server.uploads.values();
  assert.equal(server.uploads.size, 1);
  assert.deepEqual(line, {
    file,
    id: upload?.fileId,
    state: "ready",
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  const puts = server.seen.map(({ path }) => partNumberOf(path)).filter(Boolean);
  assert.deepEqual(puts, [1, 2, 3, 3]);
  assert.deepEqual([...server.store.objects.values()], [bytes]);
});

test("sends a large file once, and again where its content changed though nothing else did", async (t) => {
  const { server, cwd, put, write } = await setUp(t);
  const bytes = largeVideo();
  const file = await write("clip.mp4", bytes);
  const before = new Date(1_700_000_000_000);
  const sent = async () => {
    await utimes(join(cwd, file), before, before);
    return jsonValues<Line>(await put([file, "--json"]))[0];
  };
  const first = await sent();
  assert.deepEqual(await sent(), { ...first, alreadyThere: true });

  // Between the samples: only reading all of it shows that it is another.
  bytes[1_000_000] = 8;
  await write(file, bytes);
  const second = await sent();
  assert.notEqual(second?.sha256, first?.sha256);
  assert.deepEqual(await sent(), { ...second, alreadyThere: true });
  assert.equal(server.uploads.size, 2);
});

test("says so when a large file changes while it is sent, and leaves nothing of it whole", async (t) => {
  let changed = false;
  const { server, cwd, put, write } = await setUp(t, {
    fault({ path }) {
      if (partNumberOf(path) === 1 && !changed) {
        changed = true;
        appendFileSync(join(cwd, "clip.mp4"), "more");
      }
      return undefined;
    },
  });
  await write("clip.mp4", largeVideo());
  const { status, said } = await put(["clip.mp4", "--concurrency", "1"]);
  assert.equal(status, 1);
  assert.match(said, /^failed {4}clip\.mp4: It changed while it was being sent: put it again\.$/m);
  assert.equal(server.store.objects.size, 0);
});

test("does not wait for the check where nobody wants to", async (t) => {
  const { server, put, write } = await setUp(t);
  const [line] = jsonValues<Line>(await put([await write("a.jpg"), "--no-wait", "--json"]));
  assert.equal(line?.state, "uploaded");
  assert.equal(server.count("GET"), 0);
});

test("shows names that could fool a terminal by their numbers", {
  skip: process.platform === "win32",
}, async (t) => {
  const { put, write } = await setUp(t);
  await write("a\u001b[31m\n\u202egpj.jpg");
  const { out } = await put(["-r", "."]);
  assert.match(out, /a\\x1b\[31m\\x0a\\u202egpj\.jpg\n$/);
});

test("stops at once, with the way back, when the token is refused", async (t) => {
  const { server, put, write } = await setUp(t);
  const files = await Promise.all(Array.from({ length: 20 }, (_, index) => write(`${index}.jpg`)));
  const env = { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "expired" };
  const { status, out, said } = await put(files, { env });
  assert.equal(status, 4);
  assert.equal(out, "");
  assert.match(said, /The token has expired\.\n\n.*unset STOWAGE_TOKEN\n {2}stowage login\n/s);
  assert.ok(server.seen.length <= 20);
  const nobody = await put(files, { env: { STOWAGE_SERVER: server.url } });
  assert.equal(nobody.status, 4);
  assert.match(
    nobody.said,
    /You are not signed in to http\S+\.\n\nTo sign in, .*stowage login\n.*stowage token app@example\.org/s,
  );
});

test("says while it waits that somebody else answers", async (t) => {
  let portals = 1;
  const { put, write } = await setUp(t, { fault: () => (portals-- > 0 ? captivePortal : undefined) });
  const { status, said } = await put([await write("a.jpg")]);
  assert.equal(status, 0);
  assert.match(
    said,
    /^a\.jpg: POST http:.* was answered with status 200 and not in Stowage's words\. Trying again in 1 s\.$/m,
  );
});

for (const [args, sentence] of [
  [["a.jpg", "--meta", "nonsense"], /--meta wants KEY=VALUE, not "nonsense"/],
  [["a.jpg", "--meta", "a=1", "--meta", "a=2"], /--meta a is given twice/],
  [["a.jpg", "--concurrency", "0"], /--concurrency must be a whole number from 1 to 64/],
  [["a.jpg", "--server", "files.example.org"], /--server must be an address such as/],
  [[], /put wants something more/],
] as const)
  test(`calls put ${args.join(" ")} wrong usage`, async (t) => {
    const { put } = await setUp(t);
    const { status, said } = await put(args);
    assert.equal(status, 2);
    assert.match(said, sentence);
  });

interface ReplacedLine extends Line {
  readonly version?: number;
  readonly versionState?: string;
}

async function setUpReplacing(t: TestContext, options: ScriptedServerOptions = {}) {
  const { put, write, server, cwd } = await setUp(t, options);
  const [first] = jsonValues<ReplacedLine>(await put([await write("a.jpg"), "--json"]));
  const id = first?.id ?? "";
  await write("b.jpg");
  const replace = async (name: string) =>
    jsonValues<ReplacedLine>(await put([name, "--replace", id, "--json"]))[0];
  return { put, write, server, cwd, id, replace };
}

test("--replace makes a file the next version of another, with the version that is current as what it replaces", async (t) => {
  const { put, server, id, write, replace } = await setUpReplacing(t);
  const { status, out, said } = await put(["b.jpg", "--replace", id]);
  assert.deepEqual([status, out, said], [0, `ready     ${id}  b.jpg  (version 2)\n`, ""]);
  assert.deepEqual([...server.uploads.values()].at(-1)?.intent.replaces, { fileId: id, version: 1 });
  await write("c.jpg");
  const third = await replace("c.jpg");
  assert.deepEqual([third?.id, third?.version, third?.versionState], [id, 3, "current"]);
  assert.deepEqual([...server.uploads.values()].at(-1)?.intent.replaces, { fileId: id, version: 2 });
});

test("--replace sends nothing where the bytes are the current version's already", async (t) => {
  const { put, server, id, replace } = await setUpReplacing(t);
  await replace("b.jpg");
  const before = server.uploads.size;
  assert.equal(
    (await put(["b.jpg", "--replace", id])).out,
    `ready     ${id}  b.jpg  (version 2, already there)\n`,
  );
  const again = await replace("b.jpg");
  assert.deepEqual([again?.alreadyThere, again?.version, again?.versionState], [true, 2, "current"]);
  assert.equal(server.uploads.size, before);
});

test("--replace says of a conflict where it is and what to do", async (t) => {
  let theirs: Promise<unknown> | undefined;
  let areDone = false;
  let all: () => Iterable<{ readonly id: string; readonly intent: FileIntent }> = () => [];
  // The verdict on mine is not told before theirs is there.
  const { put, server, id, write, replace } = await setUpReplacing(t, {
    fault: ({ method, path }) => {
      const mine = [...all()].find(({ intent }) => intent.replaces && intent.name === "b.jpg");
      if (method !== "GET" || areDone || !mine || !path.includes(mine.id)) return undefined;
      theirs ??= replace("theirs.jpg").then(() => {
        areDone = true;
      });
      return { status: 503, headers: { "retry-after": "0" }, body: "" };
    },
  });
  all = () => server.uploads.values();
  await write("theirs.jpg");
  const { status, out, said } = await put(["b.jpg", "--replace", id]);
  await theirs;
  assert.deepEqual([status, out], [0, `ready     ${id}  b.jpg  (version 3, conflict)\n`]);
  assert.match(
    said,
    /kept beside it, as version 3\. \S.* restore \S+ --version 3 makes it the current one\./,
  );
});

test("--replace takes one file, and is refused with what it does not go with", async (t) => {
  const { put, write, server, id } = await setUpReplacing(t);
  await write("c.jpg");
  const before = server.seen.length;
  for (const args of [
    ["b.jpg", "c.jpg", "--replace", id],
    ["-r", ".", "--replace", id],
    ["b.jpg", "--meta", "a=b", "--replace", id],
  ])
    assert.equal((await put(args)).status, 2);
  assert.equal(server.seen.length, before);
  const none = await put(["b.jpg", "--replace", "none"]);
  assert.deepEqual([none.status, none.out], [1, ""]);
});

test("--replace sends a version anew that was deleted since, and says of one that is in the history where it is", async (t) => {
  const { put, server, id, cwd, replace } = await setUpReplacing(t);
  const stowage = (...args: string[]) =>
    capturedRun(args, { cwd, env: { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" } });
  await replace("b.jpg");
  await stowage("restore", id, "--version", "1");
  const again = await put(["b.jpg", "--replace", id]);
  assert.equal(again.out, `ready     ${id}  b.jpg  (version 2, superseded, already there)\n`);
  assert.match(again.said, /in the file's history, as version 2\. .*restore/);
  await stowage("rm", id, "--version", "2", "--permanent");
  const anew = await replace("b.jpg");
  assert.deepEqual([anew?.version, anew?.versionState, anew?.alreadyThere], [3, "current", undefined]);
});
