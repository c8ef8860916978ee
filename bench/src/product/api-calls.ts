import { type Body, bodyContentType } from "../load/bodies.ts";
import { type HttpConnection, requestHead } from "../load/http-connection.ts";

/** A request that the API has signed. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Upload {
  readonly id: string;
  readonly fileId: string;
  readonly state: string;
  readonly transfer: { readonly request: SignedRequest };
}

interface BatchAnswer {
  readonly items: readonly { readonly upload: Upload }[];
}

/** The calls of the API that an upload takes, over one connection, as one person. */
export interface ApiCalls {
  create(bodies: readonly Body[], refs: readonly string[]): Promise<Upload[]>;
  complete(id: string): Promise<void>;
  /** Resolves with the state of an upload. */
  stateOf(id: string): Promise<string>;
  /** Resolves with what happened to an upload, in order; times in milliseconds since 1970. */
  eventsOf(id: string): Promise<readonly { readonly type: string; readonly atMs: number }[]>;
  download(fileIds: readonly string[]): Promise<SignedRequest[]>;
}

export function apiCalls(connection: HttpConnection, api: string, token: string): ApiCalls {
  const authorization = `Bearer ${token}`;
  const getUploads = (rest: string): string =>
    requestHead("GET", `${api}/v1/uploads${rest}`, { authorization });
  const get = async <T>(rest: string): Promise<T> => {
    const { status, body } = await connection.send({ head: getUploads(rest), keepBody: true });
    if (status !== 200) throw new Error(`GET /v1/uploads${rest}: ${status} ${body}`);
    return JSON.parse(body) as T;
  };
  const post = async <T>(path: string, expectedStatus: number, value?: unknown): Promise<T> => {
    const body = Buffer.from(value === undefined ? "" : JSON.stringify(value));
    const head = requestHead("POST", `${api}${path}`, {
      authorization,
      "content-type": "application/json",
      "content-length": String(body.length),
    });
    const answer = await connection.send({ head, body, keepBody: true });
    if (answer.status !== expectedStatus) throw new Error(`POST ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body) as T;
  };
  return {
    async create(bodies, refs) {
      const files = bodies.map(({ bytes, sha256Hex, contentType = bodyContentType }, index) => ({
        ref: refs[index],
        name: `${refs[index]}.${contentType === bodyContentType ? "pdf" : "jpg"}`,
        sizeBytes: bytes.length,
        contentType,
        sha256: sha256Hex,
      }));
      const { items } = await post<BatchAnswer>("/v1/uploads", 201, { files });
      return items.map(({ upload }) => upload);
    },
    async complete(id) {
      await post(`/v1/uploads/${id}/complete`, 202);
    },
    async stateOf(id) {
      return (await get<Upload>(`/${id}`)).state;
    },
    async eventsOf(id) {
      const { events } = await get<{ events: { type: string; at: string }[] }>(`/${id}`);
      return events.map(({ type, at }) => ({ type, atMs: Date.parse(at) }));
    },
    async download(fileIds) {
      const { items } = await post<{ items: { request: SignedRequest }[] }>("/v1/downloads", 200, {
        files: fileIds.map((id) => ({ id })),
      });
      return items.map(({ request }) => request);
    },
  };
}

/** The head of a PUT as the API signed it. */
export const putHead = ({ method, url, headers }: SignedRequest, sizeBytes: number): string =>
  requestHead(method, url, { "content-length": String(sizeBytes), ...headers });
