// Pictures of films, which ffmpeg takes a frame for (Debian's ffmpeg), held against exiftool (libimage-exiftool-perl) and seen
// in Chromium.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { addPerson, type Person } from "./harness/add-person.ts";
import { askApi, assertProblem } from "./harness/api-client.ts";
import { getFile, mintDownload } from "./harness/files.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { readPicture } from "./harness/images.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { getUpload, uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import { openVisitor, pickFiles, signUp, viewer } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { DownloadsAnswer } from "./harness/wire.ts";

let folder: string;
before(async () => {
  folder = await makeFolder("films");
});
after(() => removeFolder(folder));

function run(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error) throw error;
  assert.equal(status, 0, `${program}: ${stderr}`);
  return stdout;
}

const locations = (path: string): string[] =>
  run("exiftool", "-a", "-G1", "-s", "-ee", "-U", "-m", path)
    .split("\n")
    .filter((line) => /GPS|Location|SerialNumber|Make\s/i.test(line));

/** Two seconds of a fractal of 640 × 360 pixels, of which its camera says where it was. */
function makeFilm(name: "film.mp4" | "film.webm"): Buffer {
  const path = join(folder, name);
  const codecs = name.endsWith("webm")
    ? ["-c:v", "libvpx", "-b:v", "1M"]
    : ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-metadata", "location=+52.52+013.40/"];
  const source = ["-f", "lavfi", "-i", "mandelbrot=s=640x360:r=10:start_scale=2", "-t", "2"];
  run("ffmpeg", "-v", "error", "-y", ...source, ...codecs, path);
  const place = ["-Keys:GPSCoordinates=52.52, 13.405", "-UserData:GPSCoordinates=52.52, 13.405"];
  if (name.endsWith("mp4")) {
    run("exiftool", "-overwrite_original", "-q", "-q", "-m", ...place, path);
    assert.ok(locations(path).length > 0, "the film tells");
  }
  return readFileSync(path);
}

const mp4 = { name: "film.mp4", contentType: "video/mp4" };

const suite = describeWebSuite();

test("a film has a thumbnail and a poster, which tell no place, and its timeline says of what they are", async () => {
  const person = await addPerson(suite.server);
  const upload = await uploadToEnd(person.api, makeFilm("film.mp4"), mp4);
  assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
  const file = await getFile(person.api, upload.fileId);
  assert.deepEqual(
    file.derivatives.map(({ name, width, height }) => [name, width, height]),
    [
      ["thumbnail", 320, 180],
      ["poster", 640, 360],
    ],
  );
  for (const { name } of file.derivatives) {
    const { bytes } = await fetchBytes(await mintDownload(person.api, file.id, { derivative: name }));
    assert.equal((await readPicture(bytes)).format, "webp");
    const path = join(folder, `${name}.webp`);
    writeFileSync(path, bytes);
    assert.deepEqual(locations(path), [], name);
  }
  const { events = [] } = await getUpload(person.api, upload.id);
  assert.match(events.at(-1)?.detail ?? "", /Its picture is one of its frames\./);
});

const pixelsOf = (image: Locator): Promise<[number, number]> =>
  image.evaluate(({ naturalWidth, naturalHeight }: HTMLImageElement) => [naturalWidth, naturalHeight]);

test("Chromium shows a film's picture in the grid, and its poster until the film is played", async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web);
  await pickFiles(page, [{ name: "film.webm", mimeType: "video/webm", buffer: makeFilm("film.webm") }]);
  const tile = page.getByRole("list", { name: "Files", exact: true }).getByRole("listitem");
  await tile.locator('[data-state="shown"] img').waitFor({ timeout: 60_000 });
  assert.deepEqual(await pixelsOf(tile.locator("img")), [320, 180]);
  assert.equal(await tile.getByRole("img", { name: "Video" }).count(), 1);
  assert.match(await tile.innerText(), /0:02/);
  if (process.env.STOWAGE_LOOK) await page.screenshot({ path: join(process.env.STOWAGE_LOOK, "grid.png") });

  await tile.getByRole("link").click();
  const video = viewer(page).locator("video[poster]");
  await video.waitFor({ timeout: 30_000 });
  const poster = await video.getAttribute("poster");
  const answer = await page.request.get(poster ?? "");
  assert.deepEqual(await readPicture(await answer.body()), { format: "webp", width: 640, height: 360 });
  await waitFor("the film's own facts", () =>
    video.evaluate((element: HTMLVideoElement) => element.readyState >= 1 && element.videoWidth === 640),
  );
  if (process.env.STOWAGE_LOOK) await page.screenshot({ path: join(process.env.STOWAGE_LOOK, "viewer.png") });
  watch.assertClean();
  await context.close();
});

const askFor = async (server: Server, { token }: Person, id: string, derivative: string) =>
  askApi<DownloadsAnswer>({
    origin: server.api,
    token,
    method: "POST",
    path: "/v1/downloads",
    json: { files: [{ id, derivative }] },
  });

interface Line {
  readonly check?: string;
  readonly status?: string;
  readonly detail?: string;
  readonly name?: string;
  readonly found?: number;
  readonly asked?: number;
}

test("a film from before there was ffmpeg is sound without pictures, and has them by rederive or when they are asked for", async () => {
  const dataDir = join(folder, "data");
  const port = await freePortPair();
  let server = await startServer({ dataDir, port, set: { "inspect.ffmpeg": "none" } });
  try {
    const person = await addPerson(server);
    const films: string[] = [];
    for (const name of ["film.mp4", "other.mp4"]) {
      const { state, id, fileId } = await uploadToEnd(person.api, makeFilm("film.mp4"), { ...mp4, name });
      assert.equal(state, "ready");
      const { events = [] } = await getUpload(person.api, id);
      assert.doesNotMatch(events.at(-1)?.detail ?? "", /picture/);
      assert.deepEqual((await getFile(person.api, fileId)).derivatives, []);
      assertProblem(await askFor(server, person, fileId, "thumbnail"), 404, "not-found");
      films.push(fileId);
    }
    const [film = "", other = ""] = films;
    const doctor = await runCli(["doctor", "--json", "--data", dataDir]);
    const said = jsonLines<Line>(doctor.stdout).find(({ check }) => check === "films");
    assert.deepEqual(
      [said?.status, said?.detail],
      ["skipped", "Films have no pictures: inspect.ffmpeg is none."],
    );
    // It asks by what the running server has, which the file does not say.
    const dry = await runCli(["rederive", "--dry-run", "--json", "--data", dataDir]);
    assert.equal(jsonLines<Line>(dry.stdout).at(-1)?.found, 0, dry.stdout);
    await server.stop();

    server = await startServer({ dataDir, port });
    assertProblem(await askFor(server, person, film, "thumbnail"), 503, "derivative-pending");
    await waitFor(
      "the thumbnail to be made",
      async () => (await askFor(server, person, film, "thumbnail")).status === 200,
    );
    const rederive = await runCli(["rederive", "--json", "--data", dataDir]);
    const lines = jsonLines<Line>(rederive.stdout);
    assert.deepEqual(
      [
        lines
          .map(({ name }) => name)
          .filter(Boolean)
          .sort(),
        lines.at(-1)?.asked,
      ],
      [["poster", "poster", "thumbnail"], 3],
    );
    await waitFor("all pictures to be made", async () => {
      const found = await Promise.all([film, other].map((id) => getFile(person.api, id)));
      return found.every(({ derivatives }) => derivatives.length === 2);
    });
  } finally {
    await server.stop();
  }
});
