import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson, makeToken } from "./harness/add-person.ts";
import { type Api, assertProblem, createApi } from "./harness/api-client.ts";
import { getMe } from "./harness/files.ts";
import { runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { createUpload, emptyPromise } from "./harness/upload.ts";
import type { CreateAnswer, Problem } from "./harness/wire.ts";

let server: Server;
before(async () => {
  server = await startServer({
    set: {
      "limits.quotaFiles": 3,
      "limits.organisationQuotaBytes": 10_000,
      "limits.organisationQuotaFiles": 5,
    },
  });
});
after(() => server.stop());

/** Somebody whose account says which organisation is theirs. */
async function addMember(organisation: string): Promise<Api> {
  const email = `member-${randomUUID().slice(0, 8)}@example.test`;
  const added = await runCli(["user", "add", email, "--org", organisation, "--data", server.dataDir]);
  assert.equal(added.status, 0, added.stderr);
  return createApi(server.api, await makeToken(server, email));
}

const create = (api: Api, sizeBytes: number) =>
  api.post<CreateAnswer & Problem>("/v1/uploads", { files: [emptyPromise(sizeBytes)] });

test("the quota of files is exact under twenty creates at once, and frees with each that ends", async () => {
  const { api } = await addPerson(server);
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(api, 10)));
  const created = answers.filter(({ status }) => status === 201);
  assert.equal(created.length, 3);
  for (const refused of answers.filter(({ status }) => status !== 201))
    assertProblem(refused, 403, "quota-exceeded");
  const me = await getMe(api);
  assert.deepEqual([me.usedFiles, me.openUploads, me.quotaFiles], [0, 3, 3]);
  assert.equal(me.organisationQuota, undefined, "nobody's organisation");
  const [first] = created;
  assert.equal((await api.delete(`/v1/uploads/${first?.body.items[0]?.upload?.id}`)).status, 200);
  assert.equal((await create(api, 10)).status, 201);
});

test("what an organisation may have is shared by its people, and a refusal says whose quota it is, and nothing of what they have", async () => {
  const [ann, bob, other] = await Promise.all([addMember("Acme"), addMember("Acme"), addMember("Other")]);
  const quotaSeen = async () => (await getMe(bob)).organisationQuota;
  const unused = await quotaSeen();
  assert.deepEqual(unused, { totalBytes: 10_000, totalFiles: 5 });
  const { body: promised } = await create(bob, 10_001);
  const upload = await createUpload(ann, emptyPromise(6_000));
  assert.deepEqual(await quotaSeen(), unused, "a colleague's upload is not told");
  const tooLarge = await create(bob, 4_001);
  assertProblem(tooLarge, 403, "quota-exceeded");
  const { detail = "" } = tooLarge.body.items[0]?.problem ?? {};
  assert.match(detail, /^Your organisation has not as much room left/);
  assert.doesNotMatch(detail, /\d/);
  assert.equal(promised.items[0]?.problem?.detail, detail, "the same as before it");
  assert.equal((await ann.delete(`/v1/uploads/${upload.id}`)).status, 200);
  await createUpload(ann, emptyPromise(6_000));
  for (let count = 0; count < 2; count += 1) await createUpload(ann, emptyPromise(1));
  for (let count = 0; count < 2; count += 1) await createUpload(bob, emptyPromise(1));
  const tooMany = await create(bob, 1);
  assertProblem(tooMany, 403, "quota-exceeded");
  assert.match(
    tooMany.body.items[0]?.problem?.detail ?? "",
    /^Your organisation has as many files as it may have, [^0-9]*$/,
  );
  assert.equal((await create(other, 9_000)).status, 201);
});
