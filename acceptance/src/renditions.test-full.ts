// What anybody but the owner would be given of files in which places were written, held against exiftool (Debian's
// libimage-exiftool-perl): the rendition, the preview and the thumbnail of every format.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { addPerson, type Person } from "./harness/add-person.ts";
import { askApi, assertProblem } from "./harness/api-client.ts";
import { makePdf } from "./harness/documents.ts";
import { getFile } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { runProgram, serialNumber, tellTales, writePlace } from "./harness/places.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, sha256Of } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { DownloadsAnswer, PresignedRequest } from "./harness/wire.ts";

let folder: string;
let server: Server;
let person: Person;

before(async () => {
  folder = await makeFolder("renditions");
  server = await startServer();
  person = await addPerson(server);
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

const more = [
  "-EXIF:Make=Camera",
  "-Keys:GPSCoordinates=52.52, 13.405",
  "-UserData:GPSCoordinates=52.52, 13.405",
];

const formats = [
  { name: "photo.jpg", contentType: "image/jpeg" },
  { name: "photo.png", contentType: "image/png" },
  { name: "photo.webp", contentType: "image/webp" },
  { name: "photo.gif", contentType: "image/gif" },
  { name: "photo.avif", contentType: "image/avif" },
  { name: "photo.heic", contentType: "image/heic" },
  { name: "photo.tiff", contentType: "image/tiff", isNone: true },
  { name: "film.mp4", contentType: "video/mp4" },
  { name: "film.mov", contentType: "video/quicktime" },
  { name: "film.webm", contentType: "video/webm" },
  { name: "report.pdf", contentType: "application/pdf" },
] as const;

async function make(path: string): Promise<void> {
  if (path.includes("film")) {
    const codecs = path.endsWith("webm")
      ? ["-c:v", "libvpx", "-c:a", "libopus"]
      : ["-c:v", "libx264", "-c:a", "aac", "-pix_fmt", "yuv420p"];
    const sources = ["-f", "lavfi", "-i", "testsrc=d=1:s=160x120:r=10", "-f", "lavfi", "-i", "sine=d=1"];
    runProgram("ffmpeg", "-v", "error", ...sources, "-metadata", "location=+52.52+013.40/", ...codecs, path);
  } else if (path.endsWith("pdf")) writeFileSync(path, makePdf(2));
  else if (path.endsWith("heic")) {
    const png = `${path}.png`;
    await sharp(await makeJpeg({ width: 320, height: 240 }))
      .png()
      .toFile(png);
    runProgram("heif-enc", png, "-o", path);
  } else await sharp(await makeJpeg({ width: 320, height: 240 })).toFile(path);
  if (!path.endsWith("webm")) writePlace(path, ...more);
}

/** Asks as a client does: again while it is being made. */
const given = (id: string, derivative: string): Promise<PresignedRequest> =>
  waitFor(`${derivative} to be made`, async () => {
    const answer = await askApi<DownloadsAnswer>({
      origin: server.api,
      token: person.token,
      method: "POST",
      path: "/v1/downloads",
      json: { files: [{ id, derivative }] },
    });
    if (answer.status === 503) {
      assertProblem(answer, 503, "derivative-pending");
      return undefined;
    }
    assert.equal(answer.status, 200, answer.text);
    return answer.body.items[0]?.request;
  });

for (const format of formats)
  test(`of ${format.name} others get no place and no camera, by rendition, preview or thumbnail`, async () => {
    const { name, contentType } = format;
    const path = join(folder, name);
    await make(path);
    assert.ok(tellTales(path).length > 0, "the original tells");
    const bytes = readFileSync(path);
    const upload = await uploadToEnd(person.api, bytes, { name, contentType });
    assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
    const file = await getFile(person.api, upload.fileId);
    const isNone = "isNone" in format;
    assert.equal(file.rendition?.kind, isNone ? "none" : "stripped");
    const derivatives = file.derivatives.map((each) => each.name);
    if (contentType.startsWith("image/")) assert.deepEqual(derivatives.sort(), ["preview", "thumbnail"]);
    for (const derivative of [...derivatives, ...(isNone ? [] : ["rendition"])]) {
      const { bytes: got, status } = await fetchBytes(await given(file.id, derivative));
      assert.equal(status, 200);
      const saved = join(folder, `${derivative}-${name}`);
      writeFileSync(saved, got);
      assert.deepEqual(tellTales(saved), [], derivative);
      assert.ok(!got.includes(serialNumber), derivative);
      if (derivative !== "rendition") continue;
      assert.deepEqual([sha256Of(got), got.length], [file.rendition?.sha256, file.rendition?.sizeBytes]);
      if (contentType.startsWith("video/"))
        for (const each of [path, saved]) runProgram("ffmpeg", "-v", "error", "-i", each, "-f", "null", "-");
      else if (contentType !== "image/heic" && contentType !== "application/pdf") {
        const [before, now] = await Promise.all([path, saved].map((each) => sharp(each).raw().toBuffer()));
        assert.ok(before && now?.equals(before), "pixels");
      }
    }
    // It is said once, as what it is, and not among the pictures.
    assert.ok((await getFile(person.api, file.id)).derivatives.every((each) => each.name !== "rendition"));
    // The owner's own download is what was sent.
    const original = await fetchBytes(await given(file.id, "original"));
    assert.equal(sha256Of(original.bytes), sha256Of(bytes));
  });
