import type { Asked } from "./ask-sharing.ts";

/** Every operation of `/v1/tokens`, of tokens that are minted and taken back again. */
export async function askTokens(asked: Asked): Promise<void> {
  const [mint, drop] = ["POST /v1/tokens", "DELETE /v1/tokens/{id}"];
  const headers = { "idempotency-key": "token" };
  const json = {
    profile: "default",
    metadata: { step: "1" },
    maxFiles: 2,
    maxBytes: 1000,
    expiresInSeconds: 60,
  };
  const { body } = await asked(mint, "/v1/tokens", 201, { json, headers });
  const { id } = body as { id: string };
  await asked(mint, "/v1/tokens", 200, { json, headers });
  await asked(mint, "/v1/tokens", 422, { headers });
  await asked(mint, "/v1/tokens", 400, { json: { scopes: ["files:read"], maxFiles: 1 } });
  await asked(mint, "/v1/tokens", 404, { json: { albumId: "none" } });
  await asked("GET /v1/tokens", "/v1/tokens?limit=1", 200);
  await asked("GET /v1/tokens", "/v1/tokens?cursor=x", 400);
  await asked(drop, `/v1/tokens/${id}`, 204);
  await asked(drop, `/v1/tokens/${id}`, 404);
}
