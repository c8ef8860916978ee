import type { Asked } from "./ask-sharing.ts";

/** Every operation of links to an album, of one that is made and deleted again. */
export async function askAlbumLinks(asked: Asked): Promise<void> {
  const made = await asked("POST /v1/albums", "/v1/albums", 201, { json: { name: "linked" } });
  const { id } = made.body as { id: string };
  const links = `/v1/albums/${id}/links`;
  const create = "POST /v1/albums/{id}/links";
  const headers = { "idempotency-key": "once" };
  const linked = await asked(create, links, 201, { json: { maxOpens: 9 }, headers });
  await asked(create, links, 200, { json: { maxOpens: 9 }, headers });
  await asked(create, links, 422, { json: { maxOpens: 8 }, headers });
  await asked(create, links, 400, { json: { maxOpens: 0 } });
  await asked(create, "/v1/albums/none/links", 404);
  await asked("GET /v1/albums/{id}/links", `${links}?limit=1`, 200);
  await asked("GET /v1/albums/{id}/links", "/v1/albums/none/links", 404);
  const { id: linkId, token } = linked.body as { id: string; token: string };
  await asked("POST /v1/links/open", "/v1/links/open", 200, { json: { token } });
  const drop = "DELETE /v1/albums/{id}/links/{linkId}";
  await asked(drop, `${links}/${linkId}`, 204);
  await asked(drop, `${links}/${linkId}`, 404);
  const revealAt = new Date(Date.now() + 3_600_000).toISOString();
  const sealed = await asked("POST /v1/albums", "/v1/albums", 201, { json: { name: "sealed", revealAt } });
  const { id: sealedId } = sealed.body as { id: string };
  await asked(create, `/v1/albums/${sealedId}/links`, 409);
  for (const each of [id, sealedId])
    await asked("DELETE /v1/albums/{id}", `/v1/albums/${each}`, 204, { headers: { "if-match": "*" } });
}
