// What each address gives to whom a file is shared with, or to anybody of a public one, of photographs and films in which a place is written, held
// against exiftool (Debian's libimage-exiftool-perl).
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { addPerson, type Person } from "./harness/add-person.ts";
import { askApi } from "./harness/api-client.ts";
import { makePdf } from "./harness/documents.ts";
import { getFile, getMe } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { makePlacedFilm, serialNumber, tellTales, writePlace } from "./harness/places.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { DownloadsAnswer } from "./harness/wire.ts";

let folder: string;
let server: Server;
let owner: Person;
let grantee: Person;

before(async () => {
  folder = await makeFolder("sharing-places");
  server = await startServer();
  [owner, grantee] = await Promise.all([addPerson(server, "owner"), addPerson(server, "grantee")]);
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

async function make(path: string): Promise<void> {
  if (path.endsWith("pdf")) writeFileSync(path, makePdf(3));
  else if (path.endsWith("mp4")) makePlacedFilm(path);
  else await sharp(await makeJpeg({ width: 320, height: 240 })).toFile(path);
  writePlace(path);
}

/** Asks as a client does: again while it is being made. Nothing where it is refused. */
const givenBy = (download: object): Promise<{ readonly url?: string }> =>
  waitFor("a download", async () => {
    const answer = await askApi<DownloadsAnswer>({
      origin: server.api,
      token: grantee.token,
      method: "POST",
      path: "/v1/downloads",
      json: { files: [download] },
    });
    if (answer.status === 503) return undefined;
    const url = answer.body.items[0]?.request?.url;
    return url === undefined ? {} : { url };
  });

/** The content's address, by whoever it is: with a token or without. */
const contentBy = (id: string, query: string, token?: string): Promise<{ readonly url?: string }> =>
  waitFor("content", async () => {
    const answer = await fetch(`${server.api}/v1/files/${id}/content${query}`, {
      redirect: "manual",
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    if (answer.status === 503) return undefined;
    const url = answer.headers.get("location");
    return url === null ? {} : { url };
  });

for (const [name, contentType] of [
  ["photo.jpg", "image/jpeg"],
  ["photo.tiff", "image/tiff"],
  ["film.mp4", "video/mp4"],
  ["report.pdf", "application/pdf"],
] as const)
  test(`of ${name} no address gives others a place or a camera`, async () => {
    const path = join(folder, name);
    await make(path);
    const upload = await uploadToEnd(owner.api, readFileSync(path), { name, contentType });
    assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
    const id = upload.fileId;
    const { id: userId } = await getMe(grantee.api);
    await owner.api.send("PUT", `/v1/files/${id}/grants/${userId}`);
    const derivatives = (await getFile(owner.api, id)).derivatives.map((each) => each.name);
    const asked = [
      ...[{}, { derivative: "original" }, { derivative: "rendition" }, { version: 1 }],
      ...derivatives.map((derivative) => ({ derivative })),
      ...(contentType === "application/pdf" ? [{ derivative: "page", page: 2 }] : []),
    ];
    await owner.api.send("PATCH", `/v1/files/${id}`, {
      json: { visibility: "public" },
      headers: { "if-match": "*" },
    });
    let looked = 0;
    for (const each of asked) {
      const query = `?${new URLSearchParams(
        Object.entries(each).map(([key, value]): [string, string] => [key, String(value)]),
      )}`;
      const ways = [
        await givenBy({ id, ...each }),
        await contentBy(id, query, grantee.token),
        await contentBy(id, query),
      ];
      for (const { url } of ways) {
        if (url === undefined) continue;
        const { bytes, status } = await fetchBytes(url);
        assert.equal(status, 200);
        looked += 1;
        const saved = join(folder, `${looked}-${name}`);
        writeFileSync(saved, bytes);
        assert.deepEqual(tellTales(saved), [], JSON.stringify(each));
        assert.ok(!bytes.includes(serialNumber), JSON.stringify(each));
      }
    }
    assert.ok(looked >= 3, `${looked} copies were looked at`);
    const told = await grantee.api.get(`/v1/files/${id}`);
    assert.ok(!told.text.includes(serialNumber) && !/52\.52|13\.405/.test(told.text));
  });
