import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { film } from "../made-films.test-data.ts";
import { chooseSandbox } from "../sandbox/choose-sandbox.ts";
import { findProgram } from "../sandbox/find-program.ts";
import { noSandbox } from "../sandbox/limits-only.ts";
import { type FrameFailure, type FrameOrder, takeFrame } from "./take-frame.ts";

const ffmpeg = findProgram("ffmpeg") ?? "";
const skip = ffmpeg === "" && "ffmpeg is not installed";
const folder = mkdtempSync(join(tmpdir(), "stowage-frames-"));
after(() => rmSync(folder, { recursive: true }));

const limits = { timeoutMs: 20_000, maxMemoryBytes: 2 ** 30 };

function make(name: string, ...args: readonly string[]): string {
  const path = join(folder, name);
  const source = ["-f", "lavfi", "-i", "color=c=red:s=320x180:d=2:r=10"];
  const { status, stderr } = spawnSync(ffmpeg, ["-v", "error", "-y", ...source, ...args, path]);
  assert.equal(status, 0, String(stderr));
  return path;
}

const order = (path: string, more: Partial<FrameOrder> = {}): FrameOrder => ({
  path,
  contentType: "video/mp4",
  atMs: 1000,
  maxSide: 1600,
  maxPixels: 100_000_000,
  ...more,
});

async function taken(more: FrameOrder): Promise<Buffer | FrameFailure> {
  const directory = mkdtempSync(join(folder, "directory-"));
  const { sandbox } = await chooseSandbox("auto", { directory, maxMemoryBytes: limits.maxMemoryBytes });
  const frame = await takeFrame({ ffmpeg, sandbox, directory, ...limits }, more);
  assert.ok(
    readdirSync(directory).every((name) => !name.startsWith("shown-")),
    "nothing is left",
  );
  return frame;
}

test("takes a frame of what phones, cameras and browsers write, as it is shown", { skip }, async () => {
  const films = [
    [make("a.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p"), "video/mp4"],
    [make("a.mov", "-c:v", "mpeg4"), "video/quicktime"],
    [make("a.webm", "-c:v", "libvpx"), "video/webm"],
  ] as const;
  for (const [path, contentType] of films) {
    const frame = await taken(order(path, { contentType }));
    assert.ok(typeof frame !== "string", contentType);
    const { data, info } = await sharp(frame).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [320, 180]);
    const [red = 0, green = 255] = data;
    assert.ok(red > 200 && green < 60, `${contentType}: ${red}, ${green}`);
  }
  const small = await taken(order(films[0][0], { maxSide: 100 }));
  assert.ok(typeof small !== "string");
  const { width, height } = await sharp(small).metadata();
  assert.deepEqual([width, height], [100, 56]);
});

test("takes none of what is no film, is cut, or is told to be of another type", { skip }, async () => {
  const path = make("b.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p");
  assert.equal(await taken(order(path, { contentType: "video/webm" })), "no-frame");
  assert.equal(await taken(order(path, { contentType: "application/pdf" })), "no-frame");
  const noise = join(folder, "noise.mp4");
  writeFileSync(noise, film());
  assert.equal(await taken(order(noise)), "no-frame");
  truncateSync(path, 300);
  assert.equal(await taken(order(path)), "no-frame");
});

test("takes none of a film whose pictures have more pixels than a picture may have", { skip }, async () => {
  const path = make("large.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p");
  assert.notEqual(typeof (await taken(order(path))), "string");
  assert.equal(await taken(order(path, { maxPixels: 1000 })), "no-frame");
});

test("opens nothing but the film: no list of others, no address, no other file", { skip }, async () => {
  const secret = make("secret.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p");
  for (const text of [
    `ffconcat version 1.0\nfile '${secret}'\n`,
    `#EXTM3U\n#EXTINF:1,\nfile://${secret}\n`,
  ]) {
    const list = join(folder, "list.mp4");
    writeFileSync(list, text);
    for (const contentType of ["video/mp4", "video/webm"])
      assert.equal(await taken(order(list, { contentType })), "no-frame");
  }
  assert.ok(readFileSync(secret).length > 0);
});

test("is ended when it takes too long or too much memory, or is not wanted any more", { skip }, async () => {
  const path = make("c.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p");
  const taker = { sandbox: noSandbox, directory: folder, ...limits };
  const instead = (name: string, command: string): string => {
    const program = join(folder, name);
    writeFileSync(program, `#!/bin/sh\n${command}\n`, { mode: 0o700 });
    return program;
  };
  const hung = instead("hung", "exec sleep 600");
  const endings = [
    [{ ffmpeg: hung, timeoutMs: 1 }, "timeout"],
    [{ ffmpeg: hung, maxMemoryBytes: 1 }, "memory"],
    // It never ends, and says more than any picture.
    [{ ffmpeg: instead("endless", "exec yes") }, "memory"],
    [{ ffmpeg: instead("crashing", "kill -SEGV $$") }, "failed"],
    [{ ffmpeg: instead("crashing-below", "exit 139") }, "failed"],
    [{ ffmpeg: "/nowhere/ffmpeg" }, "failed"],
    [{ ffmpeg: instead("silent", "exit 0") }, "no-frame"],
  ] as const;
  for (const [program, ending] of endings)
    assert.equal(await takeFrame({ ...taker, ...program }, order(path)), ending, program.ffmpeg);
  assert.equal(await takeFrame({ ...taker, ffmpeg }, order(path, { signal: AbortSignal.abort() })), "failed");
});
