// What an album gives to those in it who did not send a photograph or film in which a place is written: to a member, to who came by a link to the
// album, to a guest; by downloads, by content's address, and packed. Held against exiftool (Debian's libimage-exiftool-perl).
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Api, askApi, createApi } from "./harness/api-client.ts";
import { makePdf } from "./harness/documents.ts";
import { getMe } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { makePlacedFilm, runProgram, serialNumber, tellTales, writePlace } from "./harness/places.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { DownloadsAnswer, Page, StoredFile } from "./harness/wire.ts";

interface Archive {
  readonly id: string;
  readonly state: string;
  readonly parts: readonly { readonly request: { readonly url: string } }[];
}

let folder: string;
let server: Server;
let sender: Person;
let member: Person;
let albumId: string;
/** Those who look, by what they came with. */
const lookers = new Map<string, Api>();
/** Of what was sent, by its name. */
const sent = new Map<string, string>();

async function post<Body>(api: Api, path: string, json: object, status = 201): Promise<Body> {
  const answer = await api.post<Body>(path, json);
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
  return answer.body;
}

async function joinAsGuest(name: string): Promise<Api> {
  const { token } = await post<{ token: string }>(sender.api, `/v1/albums/${albumId}/invites`, {
    role: "contributor",
  });
  const nobody = createApi(server.api);
  const joined = await post<{ token: string }>(nobody, "/v1/invites/accept", { token, name }, 200);
  return createApi(server.api, joined.token);
}

async function make(name: string): Promise<Buffer> {
  const path = join(folder, name);
  if (name.endsWith("pdf")) writeFileSync(path, makePdf(3));
  else if (name.endsWith("mp4")) makePlacedFilm(path);
  else await sharp(await makeJpeg({ width: 320, height: 240 })).toFile(path);
  writePlace(path);
  return readFileSync(path);
}

before(async () => {
  folder = await makeFolder("album-places");
  server = await startServer();
  [sender, member] = await Promise.all([addPerson(server, "sender"), addPerson(server, "member")]);
  albumId = (await post<{ id: string }>(sender.api, "/v1/albums", { name: "Trip" })).id;
  const { id: memberId } = await getMe(member.api);
  const json = { role: "viewer" };
  await sender.api.send("PUT", `/v1/albums/${albumId}/members/${memberId}`, { json });
  const { token } = await post<{ token: string }>(sender.api, `/v1/albums/${albumId}/links`, {});
  const opened = await post<{ token: string }>(createApi(server.api), "/v1/links/open", { token }, 200);
  lookers.set("a member", member.api);
  lookers.set("who came by a link", createApi(server.api, opened.token));
  lookers.set("a guest", await joinAsGuest("Gus"));
  for (const [name, contentType] of [
    ["photo.jpg", "image/jpeg"],
    ["photo.tiff", "image/tiff"],
    ["film.mp4", "video/mp4"],
    ["report.pdf", "application/pdf"],
  ] as const) {
    const upload = await uploadToEnd(sender.api, await make(name), { name, contentType, albumId });
    assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
    sent.set(name, upload.fileId);
  }
  const guest = await joinAsGuest("Gil");
  const name = "guests.jpg";
  const upload = await uploadToEnd(guest, await make(name), { name, contentType: "image/jpeg", albumId });
  assert.equal(upload.state, "ready");
  sent.set(name, upload.fileId);
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

/** Asks as a client does: again while it is being made. Nothing where it is refused. */
const givenBy = (api: Api, download: object): Promise<{ readonly url?: string }> =>
  waitFor("a download", async () => {
    const answer = await askApi<DownloadsAnswer>({
      origin: server.api,
      token: api.token,
      method: "POST",
      path: "/v1/downloads",
      json: { files: [download] },
    });
    if (answer.status === 503) return undefined;
    const url = answer.body.items[0]?.request?.url;
    return url === undefined ? {} : { url };
  });

/** By the content's address. */
const contentBy = (api: Api, id: string, query: string): Promise<{ readonly url?: string }> =>
  waitFor("content", async () => {
    const answer = await fetch(`${server.api}/v1/files/${id}/content${query}`, {
      redirect: "manual",
      headers: { authorization: `Bearer ${api.token}` },
    });
    if (answer.status === 503) return undefined;
    const url = answer.headers.get("location");
    return url === null ? {} : { url };
  });

let saved = 0;

function assertNoPlace(bytes: Buffer, name: string, what: string): void {
  saved += 1;
  const path = join(folder, `${saved}-${name}`);
  writeFileSync(path, bytes);
  assert.deepEqual(tellTales(path), [], what);
  assert.ok(!bytes.includes(serialNumber), what);
}

for (const who of ["a member", "who came by a link", "a guest"])
  test(`no address of an album gives ${who} a place or a camera`, async () => {
    const api = lookers.get(who) ?? assert.fail();
    const listed = await api.get<Page<StoredFile>>(`/v1/albums/${albumId}/files`);
    assert.equal(listed.body.items.length, sent.size);
    assert.ok(!listed.text.includes(serialNumber) && !/52\.52|13\.405/.test(listed.text));
    for (const [name, id] of sent) {
      const before = saved;
      const { derivatives } = listed.body.items.find((file) => file.id === id) ?? assert.fail(name);
      const asked = [
        ...[{}, { derivative: "original" }, { derivative: "rendition" }, { version: 1 }],
        ...derivatives.map((each) => ({ derivative: each.name })),
        ...(name.endsWith("pdf") ? [{ derivative: "page", page: 2 }] : []),
      ];
      for (const each of asked) {
        const query = `?${new URLSearchParams(
          Object.entries(each).map(([key, value]): [string, string] => [key, String(value)]),
        )}`;
        for (const { url } of [await givenBy(api, { id, ...each }), await contentBy(api, id, query)]) {
          if (url === undefined) continue;
          const { bytes, status } = await fetchBytes(url);
          assert.equal(status, 200);
          assertNoPlace(bytes, name, `${JSON.stringify(each)} of ${name} to ${who}`);
        }
      }
      assert.ok(saved - before >= 2, `${saved - before} copies of ${name} were looked at`);
    }
  });

test("an album that is packed holds no place and no camera of others, and is packed for people alone", async () => {
  for (const who of ["who came by a link", "a guest"]) {
    const refused = await (lookers.get(who) ?? assert.fail()).post("/v1/archives", { albumId });
    assert.equal(refused.status, 403, `${who}: ${refused.text}`);
  }
  const { archive } = await post<{ archive: Archive }>(member.api, "/v1/archives", { albumId }, 202);
  const made = await waitFor("the archive to be made", async () => {
    const { body } = await member.api.get<{ archive: Archive }>(`/v1/archives/${archive.id}`);
    return ["waiting", "making"].includes(body.archive.state) ? undefined : body.archive;
  });
  assert.equal(made.state, "ready", JSON.stringify(made));
  let found = 0;
  for (const { request } of made.parts) {
    const zip = join(folder, "album.zip");
    writeFileSync(zip, (await fetchBytes(request.url)).bytes);
    runProgram("unzip", "-q", "-o", zip, "-d", `${zip}.out`);
  }
  for (const name of readdirSync(join(folder, "album.zip.out"))) {
    assertNoPlace(readFileSync(join(folder, "album.zip.out", name)), name, `${name} of the archive`);
    found += 1;
  }
  assert.ok(found >= 4, `${found} files and their manifest`);
});
