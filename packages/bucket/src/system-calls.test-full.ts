import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startBucketProcess } from "./testing/start-bucket-process.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { clientOf, uploadHeaders } from "./testing/test-bucket.ts";

const traced =
  "fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,open,openat";

/** What a line of strace says of our directory: a call and what it was about; random names are told as `*`. */
function parseCall(line: string, directory: string): string | undefined {
  const match = /^\d+ +(\w+)\((.*)$/.exec(line);
  if (!match) return undefined;
  const [, name = "", rest = ""] = match;
  const paths = [...rest.matchAll(/["<]([^">]*)[">]/g)]
    .map(([, path = ""]) => path)
    .filter((path) => path.startsWith(`${directory}/`))
    .map((path) => path.slice(directory.length + 1))
    .map((path) => path.replace(/^incoming\/.*/, "incoming/*").replace(/[0-9a-f]{32}/, "*"));
  if (paths.length === 0) return undefined;
  return `${name.replace(/at2?$/, "")} ${paths.at(-1)}`;
}

/** The changes of names and the syncs between two looks at keys that no object has. */
function callsBetween(calls: readonly string[], from: string, to: string): string[] {
  const mark = (key: string): number => calls.indexOf(`open objects/o.${key}`);
  return calls.slice(mark(from) + 1, mark(to)).filter((call) => !/^(open|mkdir|unlink incoming)/.test(call));
}

test("on a real disk, each change calls just these syncs, in this order", async (t) => {
  const parent = await temporaryDirectory(t);
  const directory = join(parent, "data");
  const log = join(parent, "strace.log");
  const { origin, kill } = await startBucketProcess(t, directory, {
    under: ["strace", "-f", "-y", "-s", "4096", "-e", `trace=${traced}`, "-o", log],
  });
  const client = clientOf(origin);
  const content = Buffer.alloc(5 * 1024 ** 2 + 1, 1);
  const ok = async (answer: Promise<{ readonly status: number; readonly body: Buffer }>): Promise<string> => {
    const { status, body } = await answer;
    assert.ok(status === 200 || status === 204, `${status} ${body}`);
    return String(body);
  };

  let uploadId = "";
  const steps: Readonly<Record<string, { run(): Promise<unknown>; readonly calls: readonly string[] }>> = {
    "first-put": {
      run: () => ok(client.put("uploads/aa1", content, uploadHeaders(content))),
      calls: [
        "fdatasync incoming/*",
        "fsync objects",
        "fsync objects/d.uploads=2f",
        "link objects/d.uploads=2f/d.aa/o.1",
        "fsync objects/d.uploads=2f/d.aa",
      ],
    },
    put: {
      run: () => ok(client.put("uploads/aa2", content, uploadHeaders(content))),
      calls: [
        "fdatasync incoming/*",
        "link objects/d.uploads=2f/d.aa/o.2",
        "fsync objects/d.uploads=2f/d.aa",
      ],
    },
    overwrite: {
      run: () => ok(client.put("uploads/aa2", content)),
      calls: [
        "fdatasync incoming/*",
        "link incoming/*",
        "rename objects/d.uploads=2f/d.aa/o.2",
        "fsync objects/d.uploads=2f/d.aa",
      ],
    },
    copy: {
      run: () =>
        ok(
          client.signed("PUT", "uploads/aa3", {
            headers: { "x-amz-copy-source": "/test-bucket/uploads/aa1", "if-none-match": "*" },
          }),
        ),
      calls: ["link incoming/*", "link objects/d.uploads=2f/d.aa/o.3", "fsync objects/d.uploads=2f/d.aa"],
    },
    delete: {
      run: () => ok(client.signed("DELETE", "uploads/aa3")),
      calls: ["link incoming/*", "unlink objects/d.uploads=2f/d.aa/o.3", "fsync objects/d.uploads=2f/d.aa"],
    },
    create: {
      async run() {
        const xml = await ok(client.signed("POST", "uploads/aa4?uploads="));
        uploadId = /<UploadId>(\w+)</.exec(xml)?.[1] ?? "";
      },
      calls: ["fsync uploads", "fdatasync incoming/*", "rename uploads/*/upload", "fsync uploads/*"],
    },
    part: {
      run: () => ok(client.signed("PUT", `uploads/aa4?partNumber=1&uploadId=${uploadId}`, { body: content })),
      calls: ["fdatasync incoming/*", "rename uploads/*/00001", "fsync uploads/*"],
    },
    complete: {
      async run() {
        const list = await ok(client.signed("GET", `uploads/aa4?uploadId=${uploadId}`));
        const etag = /<ETag>(.*?)<\/ETag>/.exec(list)?.[1] ?? "";
        const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
        await ok(
          client.signed("POST", `uploads/aa4?uploadId=${uploadId}`, {
            body,
            headers: { "if-none-match": "*" },
          }),
        );
      },
      calls: [
        "link parts/*/00001",
        "fdatasync incoming/*",
        "link parts/*/anchor",
        "fsync parts/*",
        "fsync parts",
        "link objects/d.uploads=2f/d.aa/o.4",
        "fsync objects/d.uploads=2f/d.aa",
        "unlink uploads/*/upload",
        "fsync uploads/*",
        "unlink uploads/*/00001",
      ],
    },
    get: { run: () => ok(client.get("uploads/aa1")), calls: [] },
    "delete-parts": {
      run: () => ok(client.signed("DELETE", "uploads/aa4")),
      calls: [
        "link incoming/*",
        "unlink objects/d.uploads=2f/d.aa/o.4",
        "fsync objects/d.uploads=2f/d.aa",
        "unlink parts/*/00001",
        "unlink parts/*/anchor",
      ],
    },
  };

  for (const [name, { run }] of Object.entries(steps)) {
    assert.equal((await client.get(`before-${name}`)).status, 404);
    await run();
    assert.equal((await client.get(`after-${name}`)).status, 404);
  }
  await kill();

  const lines = (await readFile(log, "latin1")).split("\n");
  const calls = lines.flatMap((line) => parseCall(line, directory) ?? []);
  for (const [name, { calls: expected }] of Object.entries(steps))
    assert.deepEqual(
      callsBetween(calls, `before-${name}`, `after-${name}`).filter((call) => !call.startsWith("rmdir")),
      expected,
      name,
    );
});
