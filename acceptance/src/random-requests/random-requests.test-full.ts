// Requests drawn from /openapi.json for everybody, about everything that there is. STOWAGE_REQUESTS_SEED repeats a run,
// STOWAGE_REQUESTS says how many.
import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { Viewer } from "../access-matrix/people.ts";
import { hiddenMarks, rightsTo, rightsToAlbum } from "../access-matrix/rule.ts";
import { startWorldServer, type WorldServer } from "../access-matrix/start-world-server.ts";
import { makeWorld, type World } from "../access-matrix/world.ts";
import { type Answer, askApi, assertProblemShape, createApi } from "../harness/api-client.ts";
import { operationsOf, undocumentedIn } from "../harness/documented-answers.ts";
import { listAll } from "../harness/files.ts";
import type { Json } from "../harness/json-schema.ts";
import { createSeededRandom, type SeededRandom } from "../harness/seeded-random.ts";
import { waitFor } from "../harness/wait-for.ts";
import { type GeneratedRequest, generateRequest } from "./generate-request.ts";

const seed = Number(process.env.STOWAGE_REQUESTS_SEED ?? randomInt(2 ** 31));
const count = Number(process.env.STOWAGE_REQUESTS ?? 20_000);

let server: WorldServer;
let world: World;
let document: Json;
let operations: [string, Json][];

before(async () => {
  server = await startWorldServer();
  world = await makeWorld(server);
  document = (await createApi(server.api).get<Json>("/openapi.json")).body;
  operations = [...operationsOf(document)].filter(([name]) => !endings.has(name));
});
after(() => server.stop());

/** After these whoever asked has no token that is good for anything: `access-matrix` asks them. */
const endings: ReadonlySet<string> = new Set(["POST /v1/me/sign-out-everywhere", "DELETE /v1/me"]);

const send = ({ api }: Viewer, { method, path, headers, json }: GeneratedRequest): Promise<Answer> =>
  askApi({
    origin: api.origin,
    token: api.token,
    method,
    path,
    headers,
    ...(json === undefined ? {} : { json }),
  });

/** Answers that say that something is to come, or that what the server leans on is away. */
const passing: ReadonlySet<string> = new Set(["derivative-pending", "unavailable"]);

/** Answers that tell of how often one has asked: of two equal requests the second may get one. */
const counting: ReadonlySet<string> = new Set(["too-many-archives", "too-many-tokens"]);

const isCounting = ({ body }: Answer): boolean =>
  counting.has((body as { code?: string } | undefined)?.code ?? "");

/** What is wrong with an answer, whoever asked. */
function faultsOf(operation: string, answer: Answer): string[] {
  if (answer.status >= 500 && !passing.has((answer.body as { code?: string } | undefined)?.code ?? ""))
    return [`${answer.status} ${answer.text.slice(0, 300)}`];
  try {
    if (answer.status >= 400) assertProblemShape(answer);
  } catch (error) {
    return [String(error)];
  }
  return undocumentedIn(document, operation, answer);
}

/** What a request is about that who asks may not see. */
const unseenBy = (viewer: Viewer, { names }: GeneratedRequest): string[] =>
  world.files
    .filter((file) => !rightsTo(viewer, file).has("read"))
    .flatMap(({ id, uploadId, ownerId }) => (ownerId === viewer.userId ? [] : [id, uploadId]))
    .concat(world.albums.flatMap((album) => (rightsToAlbum(viewer, album).has("see") ? [] : [album.id])))
    .filter((id) => names.includes(id));

/** The same request about ids that nobody has. */
function aboutNothing(request: GeneratedRequest, ids: readonly string[]): GeneratedRequest {
  let text = JSON.stringify(request);
  for (const id of ids) text = text.replaceAll(id, randomUUID());
  return JSON.parse(text) as GeneratedRequest;
}

/** Without ids, times and digests: what two equal requests may tell differently. */
const blurred = ({ status, text }: Answer): string =>
  `${status} ${text
    .replaceAll(/"requestId":"[^"]*",?/g, "")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "{id}")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "{time}")
    .replaceAll(/"(url|token)":"[^"]*"/g, '"$1":""')
    .replaceAll(/"(expiresInSeconds)":\d+/g, '"$1":0')}`;

/** Operations that let somebody through. */
const succeeded = new Set<string>();

const isMade = ({ text }: Answer): boolean => !text.includes('"derivative-pending"');

/** What is made for who asks first, of what they do see, is waited for: it is there for the second request, whatever that is about. */
const sendUntilMade = (viewer: Viewer, request: GeneratedRequest): Promise<Answer> =>
  waitFor("a derivative to be made", async () => {
    const answer = await send(viewer, request);
    return isMade(answer) && answer;
  });

async function act(
  viewers: readonly Viewer[],
  random: SeededRandom,
  requests: number,
  isWorldKept: boolean,
): Promise<string[]> {
  const words = {
    files: world.files.map(({ id }) => id),
    uploads: world.files.map(({ uploadId }) => uploadId),
    albums: world.albums.map(({ id }) => id),
    people: world.viewers.flatMap(({ userId }) => userId ?? []),
  };
  const wrong: string[] = [];
  for (let n = 0; n < requests && wrong.length < 10; n += 1) {
    const viewer = random.pick(viewers);
    const operation = random.pick(operations);
    // Operators who break the glass may see more from then on, and owners are told.
    if (operation[0].endsWith("/break-glass") && viewer.scope?.includes("operations:read")) continue;
    const request = generateRequest(document, operation, random, words);
    const asked = `${viewer.name}: ${JSON.stringify(request).slice(0, 1500)}`;
    const answer = await send(viewer, request);
    wrong.push(...faultsOf(operation[0], answer).map((fault) => `${asked}: ${fault}`));
    if (answer.status < 400) succeeded.add(operation[0]);
    // The rule is of the world as it was made.
    if (!isWorldKept) continue;
    for (const album of world.albums)
      if (!rightsToAlbum(viewer, album).has("see") && answer.text.includes(album.name))
        wrong.push(`${asked}: tells of ${album.name}`);
    for (const file of world.files)
      for (const mark of hiddenMarks(viewer, file))
        if (answer.text.includes(mark)) wrong.push(`${asked}: tells ${mark} of ${file.what}`);
    const unseen = unseenBy(viewer, request);
    if (unseen.length === 0) continue;
    // A key that came before, with another request, is told as that, whatever the request is about.
    const { "idempotency-key": key, ...headers } = request.headers;
    const keyless = { ...request, headers };
    const ofThem = key === undefined && isMade(answer) ? answer : await sendUntilMade(viewer, keyless);
    const ofNothing = await sendUntilMade(viewer, aboutNothing(keyless, unseen));
    const [one, other] = [ofThem, ofNothing].map(blurred);
    if (one !== other && !isCounting(ofNothing)) wrong.push(`${asked}: told apart: ${one} and ${other}`);
  }
  return wrong;
}

/** All that the owner sees of what is theirs. */
async function ownersWorld() {
  const { api } = world.owner;
  const bodyOf = async (path: string) => {
    const { status, body } = await api.get<{ requestId?: string }>(path);
    const { requestId: _one, ...rest } = body;
    return { status, body: rest };
  };
  return {
    files: await listAll(api, "/v1/files"),
    trash: await listAll(api, "/v1/files?scope=trash"),
    uploads: (await listAll<object>(api, "/v1/uploads")).map((upload) => ({
      ...upload,
      expiresInSeconds: 0,
    })),
    versions: await Promise.all(world.files.map(({ id }) => bodyOf(`/v1/files/${id}/versions`))),
    each: await Promise.all(world.files.map(({ id }) => bodyOf(`/v1/files/${id}`))),
  };
}

/** Whether they have something, or are in something: they may change it. */
const isInvolved = ({ userId }: Viewer): boolean =>
  userId !== undefined &&
  (world.files.some(({ ownerId }) => ownerId === userId) ||
    world.albums.some(({ members }) => members.has(userId)));

test(`whatever strangers ask, nothing breaks, nothing of others' changes or is told apart (seed ${seed})`, async () => {
  const before = await ownersWorld();
  const strangers = world.viewers.filter((viewer) => !isInvolved(viewer));
  assert.deepEqual(await act(strangers, createSeededRandom(seed), Math.ceil(count * 0.7), true), []);
  assert.deepEqual(await ownersWorld(), before);
});

test(`whatever owners ask of their own, every answer is as the document says (seed ${seed})`, async () => {
  const owners = world.viewers.filter((viewer) => isInvolved(viewer) && !viewer.cameBy);
  assert.deepEqual(await act(owners, createSeededRandom(seed + 1), Math.ceil(count * 0.3), false), []);
});

test("requests got through to most operations", () => {
  const never = operations.map(([name]) => name).filter((name) => !succeeded.has(name));
  assert.ok(never.length < operations.length / 2, `to none of ${never.join(", ")}`);
});
