// What is known of each type of file, and what is refused, as docs/file-types.md has it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { getFile } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { getUpload, type Intent, uploadToEnd } from "./harness/upload.ts";
import { makeVideo, videoFacts } from "./harness/videos.ts";

/** A phone's picture, 64 × 48 pixels that are to be turned once: four colours, encoded by x265. */
const heic = Buffer.from(
  "AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAABSG1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAAAAAADnBp" +
    "dG0AAAAAAAEAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAMxpcHJwAAAArmlwY28AAAB1aHZjQwEBBAgAAACf" +
    "qAAAAADwAPz9+PgAAA8DoAABABdAAQwB//8ECAAAAwCfqAAAAwAAHroCQKEAAQAqQgEBBAgAAAMAn6gAAAMAAB6gIIMWW6uTK8Bb" +
    "gQEAggAAAwACAAADADIQogABAAZEAcFzwIkAAAAUaXNwZQAAAAAAAABAAAAAMAAAABRpc3BlAAAAAAAAAEAAAAAwAAAACWlyb3QD" +
    "AAAAFmlwbWEAAAAAAAAAAQABA4EDhAAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAFoAAAAbwAAAHdtZGF0AAAAaygBrwvgKqf//wrT" +
    "/+PLZe0elwevWDv0Hnyp3eT6G57sE1nAdvXhcwMbpoNRaHJ2/1bCRzr+Df4aI/670eE9sSACqVKF9bB/wtmMIW1bkCv450eWm6xk" +
    "19CGtqCGT3l1N2/ado93TD/SrgCg",
  "base64",
);

/** A ZIP file of nothing (PKWARE APPNOTE 6.3.10, section 4.3.16). */
const emptyZip = Buffer.from(`PK\x05\x06${"\0".repeat(18)}`, "latin1");

/** A ZIP file of an empty file of that name, as it is: `stored`. */
function zipOf(name: string): Buffer {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name)]);
  const directory = Buffer.concat([
    Buffer.from("PK\x01\x02\x14\0", "latin1"),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.from(emptyZip);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

/** A page and a script, without a table of where they are: readers look for them. */
const scriptedPdf = Buffer.from(
  "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(1)>>>>endobj\n" +
    "2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]>>endobj\n" +
    "trailer<</Root 1 0 R>>\n%%EOF\n",
);
const drawing = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>1</script><rect width="40" height="20"/></svg>',
);

let server: Server;
let person: Person;

before(async () => {
  const types = { "image/svg+xml": 100_000, "application/zip": 100_000, "application/pdf": 100_000 };
  const strict = { types, activeContent: "reject" };
  const profiles = { wide: { types }, strict };
  server = await startServer({ set: { profiles: JSON.stringify(profiles) } });
  person = await addPerson(server);
});
after(() => server.stop());

const send = (bytes: Uint8Array, over: Partial<Intent> & { readonly profile?: string }) =>
  uploadToEnd(person.api, bytes, over);

async function factsOf(bytes: Uint8Array, over: Partial<Intent> & { readonly profile?: string }) {
  const upload = await send(bytes, over);
  assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
  return getFile(person.api, upload.fileId);
}

async function refusalOf(bytes: Uint8Array, over: Partial<Intent> & { readonly profile?: string }) {
  const { state, rejection } = await send(bytes, over);
  assert.equal(state, "rejected");
  assert.match(rejection?.detail ?? "", /^[A-Z].+\.$/);
  return rejection?.code;
}

test("a phone's HEIC is shown upright", async () => {
  const file = await factsOf(heic, { name: "IMG_0001.HEIC", contentType: "image/heic" });
  assert.deepEqual([file.width, file.height], [48, 64]);
  assert.deepEqual(file.derivatives.map(({ name }) => name).sort(), ["preview", "thumbnail"]);
});

test("a film has its length and size, and is refused where it ends too early", async () => {
  const film = makeVideo(100_000);
  const { durationSeconds, width, height } = await factsOf(film, {
    name: "film.mp4",
    contentType: "video/mp4",
  });
  assert.deepEqual({ durationSeconds, width, height }, videoFacts);
  const cut = film.subarray(0, -10);
  assert.equal(await refusalOf(cut, { name: "film.mp4", contentType: "video/mp4" }), "corrupt");
});

test("a PDF with a script says so, or is refused where its profile says that", async () => {
  const pdf = { name: "letter.pdf", contentType: "application/pdf" };
  const { fileId, id } = await send(scriptedPdf, pdf);
  assert.deepEqual((await getFile(person.api, fileId)).activeContent, ["javascript"]);
  const { events } = await getUpload(person.api, id);
  assert.match(JSON.stringify(events), /It contains scripts: nothing of that is run here\./);
  assert.equal(await refusalOf(scriptedPdf, { ...pdf, profile: "strict" }), "active-content");
});

test("a drawing is taken where a profile names it, drawn, and said to have scripts", async () => {
  const svg = { name: "drawing.svg", contentType: "image/svg+xml", profile: "wide" };
  const file = await factsOf(drawing, svg);
  assert.deepEqual([file.width, file.height, file.activeContent], [40, 20, ["javascript"]]);
  assert.equal(await refusalOf(drawing, { ...svg, profile: "strict" }), "active-content");
});

test("an archive is looked through: one that leads out of its folder is not safe", async () => {
  const zip = { name: "files.zip", contentType: "application/zip", profile: "wide" };
  await factsOf(zipOf("notes.txt"), zip);
  assert.equal(await refusalOf(zipOf("../../etc/cron.d/notes"), zip), "archive-unsafe");
});

test("a picture that is an archive too is refused", async () => {
  const both = Buffer.concat([await makeJpeg(), zipOf("Evil.class")]);
  assert.equal(await refusalOf(both, { name: "photo.jpg", contentType: "image/jpeg" }), "type-mismatch");
});
