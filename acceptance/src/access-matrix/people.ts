import { randomUUID } from "node:crypto";
import { addPerson } from "../harness/add-person.ts";
import { type Api, createApi } from "../harness/api-client.ts";
import { getMe } from "../harness/files.ts";
import { decodeToken, readSigningKey, signToken } from "../harness/forge-token.ts";
import { noteToken } from "../harness/run-record.ts";
import type { Server } from "../harness/start-server.ts";
import type { Asking } from "./rule.ts";

/** Somebody who asks, and the API as they see it. */
export interface Viewer extends Asking {
  /** In a word or two. */
  readonly name: string;
  readonly api: Api;
  /** Of their token, space-separated. */
  readonly scope?: string;
}

/** A person with a token. */
export interface PersonViewer extends Viewer {
  readonly userId: string;
  /** At the issuer. Absent of guests. */
  readonly subject?: string;
}

export interface PersonOptions {
  readonly organisation?: string;
  readonly scope?: string;
  /** Of somebody who came before. Default: somebody new. */
  readonly subject?: string;
}

export type AddViewer = (name: string, options?: PersonOptions) => Promise<PersonViewer>;

const personScopes = "files:read files:write uploads:write albums:write";
export const operatorScopes: string = `${personScopes} audit:read operations:read`;

/**
 * Makes people of any organisation: the built-in issuer signs what its command would, without a start of it for each.
 */
export async function openRegistry(server: Server): Promise<AddViewer> {
  const genuine = decodeToken((await addPerson(server, "registry")).token);
  const key = readSigningKey(server.dataDir);
  return async (name, { organisation, scope = personScopes, subject = randomUUID() } = {}) => {
    const { header, claims } = genuine;
    const token = signToken(
      {
        header,
        claims: {
          ...claims,
          sub: subject,
          jti: randomUUID(),
          scope,
          email: `${subject}@people.example.test`,
          ...(organisation === undefined ? {} : { org: organisation }),
        },
      },
      key,
    );
    noteToken("an access token", token);
    const api = createApi(server.api, token);
    const { id: userId } = await getMe(api);
    return { name, api, userId, subject, scope, ...(organisation === undefined ? {} : { organisation }) };
  };
}

/** Those without a token that is good for something. */
export const nobodies = ({ api }: Server): Viewer[] => [
  { name: "anonymous", api: createApi(api) },
  { name: "a wrong token", api: createApi(api, "not.a.token"), isRefused: true },
];
