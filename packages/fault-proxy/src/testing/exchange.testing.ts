import { type IncomingHttpHeaders, request } from "node:http";

/** What a client saw of one request. */
export interface Outcome {
  /** Absent where no answer came. */
  readonly status?: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of the connection's error, such as `ECONNRESET`; absent where the answer was whole. */
  readonly error?: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Told as soon as the answer's head is there, and at each piece of it. */
  readonly onAnswer?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Sends one request over a connection of its own. */
export async function exchange(url: string, asked: Asked = {}): Promise<Outcome> {
  const { method = "GET", headers = {}, body, onAnswer, signal } = asked;
  const sent = request(url, {
    method,
    headers: { ...headers, ...(body && { "content-length": String(body.length) }) },
    agent: false,
    ...(signal && { signal }),
  });
  sent.end(body);
  const pieces: Buffer[] = [];
  let answer: { readonly status?: number; readonly headers: IncomingHttpHeaders } = { headers: {} };
  return await new Promise((resolve) => {
    const end = (error?: NodeJS.ErrnoException) =>
      resolve({
        ...answer,
        body: Buffer.concat(pieces).toString("utf8"),
        ...(error && { error: error.code ?? error.name }),
      });
    sent.once("error", end);
    sent.once("response", (response) => {
      answer = { status: response.statusCode ?? 0, headers: response.headers };
      onAnswer?.(0);
      response
        .on("data", (piece: Buffer) => {
          pieces.push(piece);
          onAnswer?.(piece.length);
        })
        .once("error", end)
        .once("end", () => end());
    });
  });
}
