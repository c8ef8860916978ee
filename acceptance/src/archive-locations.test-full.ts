// What an archive gives to whom files are shared with, of photographs and films in which a place is written, held against exiftool (Debian's
// libimage-exiftool-perl), entry by entry. Its owner's has them as they were sent.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { addPerson, type Person } from "./harness/add-person.ts";
import { getMe } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { makePlacedFilm, runProgram, serialNumber, tellTales, writePlace } from "./harness/places.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";

interface Archive {
  readonly id: string;
  readonly state: string;
  readonly parts: readonly { readonly request: { readonly url: string } }[];
  readonly leftOut: readonly { readonly fileId: string; readonly reason: string }[];
}

let folder: string;
let server: Server;
let owner: Person;
let grantee: Person;

before(async () => {
  folder = await makeFolder("archive-places");
  server = await startServer();
  [owner, grantee] = await Promise.all([addPerson(server, "owner"), addPerson(server, "grantee")]);
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

async function send(name: string, contentType: string): Promise<string> {
  const path = join(folder, name);
  if (name.endsWith("mp4")) makePlacedFilm(path);
  else await sharp(await makeJpeg({ width: 320, height: 240 })).toFile(path);
  writePlace(path);
  const { fileId } = await uploadToEnd(owner.api, readFileSync(path), { name, contentType });
  return fileId;
}

/** What somebody's archive of files has in it, unpacked. */
async function unpackedBy({ api }: Person, fileIds: readonly string[]) {
  const asked = await api.post<{ archive: Archive }>("/v1/archives", { fileIds });
  assert.equal(asked.status, 202, asked.text);
  const { id } = asked.body.archive;
  const archive = await waitFor("the archive to be made", async () => {
    const { body } = await api.get<{ archive: Archive }>(`/v1/archives/${id}`);
    return ["waiting", "making"].includes(body.archive.state) ? undefined : body.archive;
  });
  const [part] = archive.parts;
  assert.ok(part, JSON.stringify(archive));
  const zip = join(folder, `${id}.zip`);
  writeFileSync(zip, (await fetchBytes(part.request.url)).bytes);
  runProgram("unzip", "-q", zip, "-d", `${zip}.out`);
  const files = readdirSync(`${zip}.out`).map((name) => join(`${zip}.out`, name));
  return { id, leftOut: archive.leftOut, files };
}

test("an archive of what is shared with one holds no place and no camera, and ends with the share", async () => {
  const photo = await send("photo.jpg", "image/jpeg");
  const tiff = await send("photo.tiff", "image/tiff");
  const film = await send("film.mp4", "video/mp4");
  const fileIds = [photo, tiff, film];
  const { id: userId } = await getMe(grantee.api);
  for (const id of fileIds)
    assert.equal((await owner.api.send("PUT", `/v1/files/${id}/grants/${userId}`)).status, 200);
  const { id, files, leftOut } = await unpackedBy(grantee, fileIds);
  assert.deepEqual(leftOut, [{ fileId: tiff, reason: "no-rendition" }]);
  assert.equal(files.length, 3, "two files and their manifest");
  for (const file of files) {
    assert.deepEqual(tellTales(file), [], file);
    assert.ok(!readFileSync(file).includes(serialNumber), file);
  }
  const own = await unpackedBy(owner, fileIds);
  assert.equal(own.files.filter((file) => tellTales(file).length > 0).length, fileIds.length);
  const revoked = await owner.api.send("DELETE", `/v1/files/${film}/grants/${userId}`);
  assert.ok(revoked.status < 300, revoked.text);
  const { body } = await grantee.api.get<{ archive: Archive }>(`/v1/archives/${id}`);
  assert.deepEqual([body.archive.state, body.archive.parts], ["stale", []]);
});
