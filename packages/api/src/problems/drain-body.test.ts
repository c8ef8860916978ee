import assert from "node:assert/strict";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest } from "../api.testing.ts";

let api: ApiUnderTest;
let port = 0;
before(async () => {
  api = await createApiUnderTest();
  await api.server.listen({ host: "127.0.0.1", port: 0 });
  port = (api.server.server.address() as AddressInfo).port;
});
after(() => api.close());

/** Sends 5 MB without looking at the answer before all of it is written, on a connection of its own. */
const sendLarge = (headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const body = Buffer.alloc(5_000_000, " ");
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        method: "POST",
        path: "/v1/uploads",
        agent: false,
        headers: { "content-type": "application/json", connection: "close", ...headers },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });

test("a client that sends all before it reads gets to read why it was refused", async () => {
  const { authorization } = await api.as("ann");
  for (let round = 0; round < 5; round += 1) {
    assert.equal(await sendLarge({ authorization, "content-length": "5000000" }), 413);
    assert.equal(await sendLarge({ authorization, "transfer-encoding": "chunked" }), 413);
    assert.equal(await sendLarge({ "content-length": "5000000" }), 401);
  }
});
