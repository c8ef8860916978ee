import { createApi } from "../harness/api-client.ts";
import { noteToken } from "../harness/run-record.ts";
import type { PersonViewer, Viewer } from "./people.ts";
import { must } from "./sending.ts";

/** A program that comes with a token that somebody mints now. */
async function giveToken(
  person: PersonViewer,
  scope: string,
): Promise<{ readonly tokenId: string; readonly viewer: Omit<Viewer, "name"> }> {
  const json = { scopes: scope.split(" ") };
  const { body } = await must<{ id: string; token: string }>(person, "POST", "/v1/tokens", { json });
  noteToken("a capability token", body.token);
  const { userId, organisation } = person;
  const of = { userId, ...(organisation === undefined ? {} : { organisation }) };
  return { tokenId: body.id, viewer: { ...of, scope, api: createApi(person.api.origin, body.token) } };
}

/** Programs with rights that a person delegated: to send with, and all that can be; and one whose token was taken back. */
export async function makePrograms(
  person: PersonViewer,
): Promise<{ readonly viewers: readonly Viewer[]; readonly tokenIds: readonly string[] }> {
  const sender = await giveToken(person, "uploads:write");
  const program = await giveToken(person, "uploads:write files:read files:write albums:write");
  const former = await giveToken(person, "uploads:write files:read");
  await must(person, "DELETE", `/v1/tokens/${former.tokenId}`);
  return {
    viewers: [
      { ...sender.viewer, name: "a program that sends for the owner", cameBy: { kind: "sender" } },
      { ...program.viewer, name: "a program with the owner's rights", isProgram: true },
      { ...former.viewer, name: "a program whose token was taken back", isRefused: true },
    ],
    tokenIds: [sender.tokenId, program.tokenId],
  };
}
