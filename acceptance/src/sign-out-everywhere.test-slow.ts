import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { addPerson, makeToken } from "./harness/add-person.ts";
import { assertProblem, createApi } from "./harness/api-client.ts";
import { type Server, startServer } from "./harness/start-server.ts";

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const asks = (token: string) => createApi(server.api, token).get("/v1/me");

test("a second after a person signed out everywhere none of their tokens is taken, and later ones are", async () => {
  const ann = await addPerson(server, "ann");
  const bob = await addPerson(server, "bob");
  const phone = await makeToken(server, ann.email);
  const unused = await makeToken(server, ann.email);
  for (const token of [ann.token, phone, bob.token]) assert.equal((await asks(token)).status, 200);
  const signedOut = await createApi(server.api, phone).post("/v1/me/sign-out-everywhere");
  assert.equal(signedOut.status, 204);
  assert.equal(signedOut.text, "");
  // What is promised is a second, and no more.
  await delay(1000);
  for (const token of [ann.token, phone, unused]) assertProblem(await asks(token), 401, "unauthenticated");
  assert.equal((await asks(bob.token)).status, 200);
  assert.equal((await asks(await makeToken(server, ann.email))).status, 200);
});

test("nobody is signed out by who is not signed in", async () => {
  assertProblem(await createApi(server.api).post("/v1/me/sign-out-everywhere"), 401, "unauthenticated");
});
