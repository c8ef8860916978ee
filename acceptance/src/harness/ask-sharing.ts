import type { Answer, SendOptions } from "./api-client.ts";

/** Asks an operation of the document, at an address, for an answer with that status, and holds it to the document. */
export type Asked = (
  operation: string,
  path: string,
  status: number,
  options?: SendOptions,
) => Promise<Answer>;

/** Every operation of sharing, of a ready file of one's own. */
export async function askSharing(asked: Asked, file: string): Promise<void> {
  const grants = `${file}/grants`;
  const put = "PUT /v1/files/{id}/grants/{userId}";
  await asked(put, `${grants}/somebody`, 200, { json: { endsAt: "2999-01-01T00:00:00Z" } });
  await asked(put, `${grants}/somebody`, 200);
  await asked(put, `${grants}/somebody`, 400, { json: { endsAt: "2000-01-01T00:00:00Z" } });
  await asked(put, "/v1/files/none/grants/somebody", 404);
  await asked("GET /v1/files/{id}/grants", `${grants}?limit=1`, 200);
  await asked("GET /v1/files/{id}/grants/{userId}", `${grants}/somebody`, 200);
  await asked("GET /v1/files/{id}/access", `${file}/access?userId=somebody`, 200);
  await asked("GET /v1/files/{id}/access", `${file}/access`, 400);
  await asked("DELETE /v1/files/{id}/grants/{userId}", `${grants}/somebody`, 204);
  await asked("DELETE /v1/files/{id}/grants/{userId}", `${grants}/somebody`, 404);
  const reason = "Nobody may do this who is no operator.";
  await asked("POST /v1/files/{id}/break-glass", `${file}/break-glass`, 403, { json: { reason } });
  const invites = `${file}/invites`;
  const invited = await asked("POST /v1/files/{id}/invites", invites, 201, {
    json: { email: "somebody@example.com" },
  });
  await asked("POST /v1/files/{id}/invites", invites, 400, { json: { email: "nobody" } });
  await asked("GET /v1/files/{id}/invites", `${invites}?limit=1`, 200);
  const { id: inviteId } = invited.body as { readonly id: string };
  await asked("GET /v1/invites", "/v1/invites", 200);
  await asked("POST /v1/invites/{id}/accept", `/v1/invites/${inviteId}/accept`, 404);
  await asked("DELETE /v1/invites/{id}", `/v1/invites/${inviteId}`, 404);
  await asked("DELETE /v1/files/{id}/invites/{inviteId}", `${invites}/${inviteId}`, 204);
  await asked("GET /v1/users", "/v1/users?q=so", 200);
  await asked("GET /v1/users", "/v1/users?q=s", 400);
  for (const scope of ["shared", "organisation", "public"])
    await asked("GET /v1/files", `/v1/files?scope=${scope}`, 200);
  await asked("PATCH /v1/files/{id}", file, 200, {
    json: { visibility: "public", shareOriginal: true },
    headers: { "if-match": "*" },
  });
  await asked("PATCH /v1/files/{id}", file, 200, {
    json: { visibility: "private", shareOriginal: false },
    headers: { "if-match": "*" },
  });
}
