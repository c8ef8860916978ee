import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { globSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { bareEnvironment, makeFolder, removeFolder } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";

/** Debian's, by path: another of that name may come first in somebody's PATH. */
const aws = "/usr/bin/aws";
const s3cmd = "/usr/bin/s3cmd";
const bucket = "stowage";

/** Above the programs' bounds for sending in parts, 8 MB and 15 MB. */
const largeBytes = 20_000_000;
const contents: ReadonlyMap<string, Buffer> = new Map([
  ["plain.txt", Buffer.from("plain\n")],
  ["empty", Buffer.of()],
  ["large file.bin", randomBytes(largeBytes)],
  ["folder/with space + plus.bin", randomBytes(70_000)],
  ["folder/ü ñ 漢字 😀.txt", randomBytes(1000)],
  ["folder/100% %41 %2F.txt", randomBytes(1001)],
  ["folder/deep/er/a&b='c'(d)!~*.txt", randomBytes(1002)],
]);

let server: Server;
let home: string;
let keys: { readonly accessKeyId: string; readonly secretAccessKey: string };

before(async () => {
  server = await startServer();
  home = await makeFolder("s3-programs");
  const secrets = JSON.parse(readFileSync(join(server.dataDir, "secrets.json"), "utf8")) as {
    readonly bucketAccessKeyId: string;
    readonly bucketSecretAccessKey: string;
  };
  keys = {
    accessKeyId: secrets.bucketAccessKeyId,
    secretAccessKey: secrets.bucketSecretAccessKey,
  };
  const { host } = new URL(server.bucket);
  writeFileSync(
    join(home, "s3cfg"),
    `[default]
access_key = ${keys.accessKeyId}
secret_key = ${keys.secretAccessKey}
host_base = ${host}
host_bucket = ${host}
use_https = False
bucket_location = us-east-1
`,
    { mode: 0o600 },
  );
});
after(async () => {
  await server.stop();
  await removeFolder(home);
});

/** Runs a program to its end, in a folder, and resolves with what it printed. It must succeed. */
async function run(command: string, args: readonly string[], folder: string): Promise<string> {
  const environment = bareEnvironment({
    HOME: home,
    // Python reads names of files by it.
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  });
  const child = spawn(command, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const output = Buffer.concat(said).toString("utf8");
  assert.equal(
    status,
    0,
    `${command} ${args.join(" ")}\n${output}${Buffer.concat(complaints).toString("utf8")}`,
  );
  return output;
}

const withAws = (folder: string, ...args: string[]): Promise<string> =>
  run(aws, ["--endpoint-url", server.bucket, ...args], folder);
const awsS3 = (folder: string, verb: string, ...args: string[]): Promise<string> =>
  withAws(folder, "s3", verb, ...(["ls", "rm"].includes(verb) ? [] : ["--no-progress"]), ...args);
const withS3cmd = (folder: string, ...args: string[]): Promise<string> =>
  run(s3cmd, ["-c", join(home, "s3cfg"), "--no-progress", ...args], folder);

function writeAll(folder: string, files: ReadonlyMap<string, Buffer> = contents): void {
  for (const [name, content] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

const sha256Of = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
const digestsOf = (files: ReadonlyMap<string, Buffer>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, sha256Of(content)]).sort());

/** The SHA-256 of every file below a folder, by name. */
const digestsIn = (folder: string): Record<string, string> =>
  digestsOf(
    new Map(
      globSync("**", { cwd: folder })
        .filter((name) => statSync(join(folder, name)).isFile())
        .map((name) => [name, readFileSync(join(folder, name))]),
    ),
  );

async function folderFor(name: string): Promise<string> {
  const folder = join(home, name);
  mkdirSync(folder);
  return folder;
}

test("aws s3 syncs up, lists, syncs down, and what comes back is what went", async () => {
  const folder = await folderFor("aws-sync");
  writeAll(join(folder, "up"));
  await awsS3(folder, "sync", "up", `s3://${bucket}/aws/`);
  assert.match(await awsS3(folder, "ls"), new RegExp(` ${bucket}\n`));
  assert.match(await awsS3(folder, "ls", `s3://${bucket}/`), /PRE aws\/\n/);
  const listed = await awsS3(folder, "ls", `s3://${bucket}/aws/`);
  assert.match(listed, / PRE folder\/\n/);
  assert.match(listed, new RegExp(` ${largeBytes} large file.bin\n`));
  const all = await awsS3(folder, "ls", "--recursive", `s3://${bucket}/aws/`);
  for (const [name, { length }] of contents) assert.ok(all.includes(` ${length} aws/${name}\n`), name);
  await awsS3(folder, "sync", `s3://${bucket}/aws/`, "down");
  assert.deepEqual(digestsIn(join(folder, "down")), digestsOf(contents));

  // Nothing has changed: nothing is sent, in either direction.
  assert.equal(await awsS3(folder, "sync", `s3://${bucket}/aws/`, "down"), "");
  assert.equal(await awsS3(folder, "sync", "up", `s3://${bucket}/aws/`), "");
});

test("aws s3 sync sends what changed, and with --delete removes what went", async () => {
  const folder = await folderFor("aws-changes");
  const files = new Map([...contents].filter(([, { length }]) => length < largeBytes));
  writeAll(join(folder, "up"), files);
  await awsS3(folder, "sync", "up", `s3://${bucket}/aws-changes/`);
  const changed = new Map(files).set("plain.txt", Buffer.from("changed")).set("added", Buffer.from("added"));
  changed.delete("folder/with space + plus.bin");
  rmSync(join(folder, "up", "folder/with space + plus.bin"));
  writeAll(
    join(folder, "up"),
    new Map([...changed].filter(([name]) => ["plain.txt", "added"].includes(name))),
  );
  const later = Date.now() / 1000 + 100;
  utimesSync(join(folder, "up", "plain.txt"), later, later);
  const said = await awsS3(folder, "sync", "--delete", "up", `s3://${bucket}/aws-changes/`);
  assert.deepEqual(
    said
      .trim()
      .split("\n")
      .map((line) => line.split(" ", 1)[0])
      .sort(),
    ["delete:", "upload:", "upload:"],
  );
  await awsS3(folder, "sync", `s3://${bucket}/aws-changes/`, "down");
  assert.deepEqual(digestsIn(join(folder, "down")), digestsOf(changed));
});

test("aws s3 copies, moves and removes, within the bucket too, and keeps metadata", async () => {
  const folder = await folderFor("aws-cp");
  writeAll(folder);
  const at = (key: string) => `s3://${bucket}/aws-cp/${key}`;
  const headers = ["--cache-control", "max-age=60", "--content-disposition", 'attachment; filename="a b"'];
  await awsS3(folder, "cp", "large file.bin", at("large"), "--metadata", "name=value", ...headers);
  await awsS3(folder, "cp", at("large"), at("copied + %"));
  await awsS3(folder, "mv", at("copied + %"), at("moved/über"));
  await awsS3(folder, "cp", at("moved/über"), "back");
  assert.ok(readFileSync(join(folder, "back")).equals(contents.get("large file.bin") ?? Buffer.of()));
  const head = async (key: string): Promise<Record<string, unknown>> =>
    JSON.parse(
      await withAws(folder, "s3api", "head-object", "--bucket", bucket, "--key", `aws-cp/${key}`),
    ) as Record<string, unknown>;
  for (const key of ["large", "moved/über"]) {
    const { ContentLength, CacheControl, ContentDisposition, Metadata } = await head(key);
    assert.deepEqual(
      { ContentLength, CacheControl, ContentDisposition, Metadata },
      {
        ContentLength: largeBytes,
        CacheControl: "max-age=60",
        ContentDisposition: 'attachment; filename="a b"',
        Metadata: { name: "value" },
      },
    );
  }
  await awsS3(folder, "cp", "plain.txt", at("plain"), "--storage-class", "STANDARD", "--sse", "AES256");
  const replacing = ["--metadata-directive", "REPLACE", "--metadata", "new=1"];
  await awsS3(folder, "cp", at("plain"), at("plain"), "--content-type", "text/x-other", ...replacing);
  const { ContentType, Metadata } = await head("plain");
  assert.deepEqual([ContentType, Metadata], ["text/x-other", { new: "1" }]);
  await awsS3(folder, "rm", at("plain"));
  await awsS3(folder, "rm", "--recursive", `s3://${bucket}/aws-cp/`);
  assert.doesNotMatch(await awsS3(folder, "ls", `s3://${bucket}/`), / aws-cp\//);
});

test("s3cmd puts, lists, tells of, gets and deletes, whatever the name", async () => {
  const folder = await folderFor("s3cmd");
  writeAll(folder);
  assert.match(await withS3cmd(folder, "ls"), new RegExp(`s3://${bucket}\n`));
  for (const [name, content] of contents) {
    const at = `s3://${bucket}/s3cmd/${name}`;
    await withS3cmd(folder, "put", name, at, "--add-header", "Cache-Control: max-age=60");
    assert.ok((await withS3cmd(folder, "ls", at)).includes(at), name);
    const info = await withS3cmd(folder, "info", at);
    assert.match(info, new RegExp(`File size: ${content.length}\n`));
    assert.match(info, /ACL: +stowage: FULL_CONTROL\n/);
    assert.match(info, /x-amz-meta-s3cmd-attrs: /);
    await withS3cmd(folder, "get", "--force", at, "back");
    assert.equal(sha256Of(readFileSync(join(folder, "back"))), sha256Of(content), name);
  }
  assert.match(await withS3cmd(folder, "info", `s3://${bucket}`), /Location: +us-east-1\n/);
  assert.match(
    await withS3cmd(folder, "ls", `s3://${bucket}/s3cmd/`),
    /DIR +s3:\/\/stowage\/s3cmd\/folder\/\n/,
  );
  for (const name of contents.keys()) await withS3cmd(folder, "del", `s3://${bucket}/s3cmd/${name}`);
  assert.equal(await withS3cmd(folder, "ls", "--recursive", `s3://${bucket}/s3cmd/`), "");
});

test("s3cmd syncs up and down, removes what went, copies and moves", async () => {
  const folder = await folderFor("s3cmd-sync");
  writeAll(join(folder, "up"));
  const there = `s3://${bucket}/s3cmd-sync/`;
  await withS3cmd(folder, "sync", "up/", there);
  await withS3cmd(folder, "sync", there, "down/");
  assert.deepEqual(digestsIn(join(folder, "down")), digestsOf(contents));

  rmSync(join(folder, "up", "plain.txt"));
  await withS3cmd(folder, "sync", "--delete-removed", "up/", there);
  const rest = await withS3cmd(folder, "ls", "--recursive", there);
  assert.ok(!rest.includes("plain.txt") && rest.includes("folder/ü ñ 漢字 😀.txt"));
  await withS3cmd(folder, "cp", `${there}large file.bin`, `${there}copy + %20`);
  await withS3cmd(folder, "mv", `${there}copy + %20`, `${there}moved`);
  await withS3cmd(folder, "get", `${there}moved`, "moved");
  assert.ok(readFileSync(join(folder, "moved")).equals(contents.get("large file.bin") ?? Buffer.of()));
  await withS3cmd(folder, "del", "--recursive", "--force", there);
  assert.equal(await withS3cmd(folder, "ls", "--recursive", there), "");
});
