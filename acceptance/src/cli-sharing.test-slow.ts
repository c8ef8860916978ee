import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { createApi } from "./harness/api-client.ts";
import { getMe } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type CliResult, jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";

let server: Server;
let ann: Person;
let ben: Person;
let folder: string;

before(async () => {
  server = await startServer();
  ann = await addPerson(server, "ann");
  ben = await addPerson(server, "ben");
  folder = await makeFolder("sharing");
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

const stowage = (...args: readonly string[]): Promise<CliResult> =>
  runCli(args, {
    env: { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: ann.token, HOME: folder },
    cwd: folder,
  });

async function done(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await stowage(...args);
  assert.equal(status, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

async function put(name: string, ...args: readonly string[]): Promise<string> {
  await writeFile(join(folder, name), await makePng());
  const [line] = jsonLines<{ id?: string }>(await done("put", name, "--json", ...args));
  return line?.id ?? "";
}

test("a file is shared by address, who has it is told, and it is taken back by the address", async () => {
  const id = await put("plan.png");
  assert.equal(await done("share", id, "--with", ben.email), `offered  ${ben.email}\n`);
  const [offer] = jsonLines<{ who: string; state: string }>(await done("share", id, "--list", "--json"));
  assert.deepEqual([offer?.who, offer?.state], [ben.email, "offered"]);
  const { body } = await ben.api.get<{ items: { id: string }[] }>("/v1/invites");
  assert.equal((await ben.api.post(`/v1/invites/${body.items[0]?.id}/accept`)).status, 200);
  assert.match(await done("share", id, "--list"), new RegExp(`^WHO .*\\n${ben.email} +shared `));
  assert.equal((await ben.api.get(`/v1/files/${id}`)).status, 200);
  assert.equal(
    await done("share", id, "--revoke", ben.email.toUpperCase()),
    `revoked  ${ben.email.toUpperCase()}\n`,
  );
  assert.equal((await ben.api.get(`/v1/files/${id}`)).status, 404);
  const again = await stowage("share", id, "--revoke", ben.email);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /neither shared with/);
  for (const args of [
    [],
    ["--list", "--with", "a@b.c"],
    ["--list", "--expires", "7d"],
    ["--with", "a@b.c", "--expires", "soon"],
  ])
    assert.equal((await stowage("share", id, ...args)).status, 2, args.join(" "));
  assert.equal((await stowage("share", "none", "--list")).status, 1);
});

test("an album's life by the command line: made sealed, sent to, revealed, shown, left and deleted", async () => {
  const album = (await done("album", "create", "Trip", "--reveal", "7d", "--shots", "3")).trim();
  await put("secret.png", "--album", album);
  assert.match(await done("album", "list"), new RegExp(`^ALBUM .*\\n${album} +Trip +1 +owner +\\d`));
  const sealed = jsonLines<{ sealed?: boolean; count?: number }>(
    await done("album", "show", album, "--json"),
  );
  assert.deepEqual([sealed.length, sealed[0]?.sealed, sealed[0]?.count], [1, true, 1]);

  const url = (await done("album", "invite", album, "--max-uses", "5", "--expires", "7d")).trim();
  const token = new URL(url).hash.slice(1);
  const joined = await createApi(server.api).post("/v1/invites/accept", { token, name: "Cy" });
  assert.equal(joined.status, 200);
  assert.match(await done("album", "invite", album, "--list"), /contributor .* 1 of 5/);
  const [invite] = jsonLines<{ id: string }>(await done("album", "invite", album, "--list", "--json"));
  assert.match(await done("album", "invite", album, "--revoke", invite?.id ?? ""), /^revoked {2}/);

  const { id: benId } = await getMe(ben.api);
  assert.equal(
    await done("album", "members", album, "--set", benId, "--role", "viewer"),
    `viewer  ${benId}\n`,
  );
  const members = await done("album", "members", album);
  assert.match(members, new RegExp(`${benId} +viewer `));
  assert.match(members, / Cy +contributor /);
  assert.equal(await done("album", "members", album, "--remove", benId), `removed  ${benId}\n`);

  assert.equal((await stowage("album", "rm", album)).status, 1, "it is sealed, and there is something in it");
  assert.equal(await done("album", "reveal", album), `revealed  ${album}\n`);
  const other = await put("other.png");
  assert.equal(await done("album", "add", album, other), `added  ${other}\n`);
  assert.equal(await done("album", "add", album, other), `added  ${other}\n`, "twice is once");
  const shown = await done("album", "show", album);
  assert.match(shown, /other\.png/);
  assert.match(shown, /secret\.png/);
  assert.equal((await stowage("album", "add", album, "none", other)).status, 3);
  assert.equal(await done("album", "rm", album), `deleted  ${album}\n`);
  assert.equal((await stowage("album", "show", album)).status, 1);
  for (const args of [
    ["create", "x", "--reveal", "soon"],
    ["create", "x", "--shots", "0"],
    ["invite", album, "--role", "owner"],
    ["invite", album, "--list", "--max-uses", "2"],
    ["members", album, "--set", benId],
    ["members", album, "--role", "king"],
    ["add", album],
  ])
    assert.equal((await stowage("album", ...args)).status, 2, args.join(" "));
});
