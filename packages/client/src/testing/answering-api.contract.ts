import type { ApiAnswer, ApiRequest, AskApi } from "../api-request.ts";
import { UnexpectedAnswerError } from "../errors.ts";

type Told = Partial<ApiAnswer> | Error;

/** An API that gives these answers, one for each request in their order, and remembers what it was asked. */
export function answeringApi(...answers: readonly Told[]): {
  readonly askApi: AskApi;
  readonly platform: { random(): number };
  /** `GET /v1/albums`, with the body and headers where there were some. */
  readonly asked: readonly unknown[][];
} {
  const left = [...answers];
  const asked: unknown[][] = [];
  const askApi: AskApi = async ({ method, path, body, headers, onWait }: ApiRequest, read) => {
    asked.push([
      `${method} ${path}`,
      ...(body ? [body] : []),
      ...(headers?.["if-match"] ? [headers["if-match"]] : []),
    ]);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`No answer is left for ${method} ${path}.`);
    if (answer instanceof Error) {
      // As after a try whose answer was lost.
      onWait?.({ error: new UnexpectedAnswerError(path, 502), delayMs: 0 });
      throw answer;
    }
    const value = read({ status: 200, json: undefined, etag: undefined, retryAfterMs: undefined, ...answer });
    if (value === undefined) throw new UnexpectedAnswerError(path, answer.status ?? 200);
    return value;
  };
  let randoms = 0;
  return {
    askApi,
    platform: {
      random() {
        randoms += 1;
        return (randoms % 97) / 97;
      },
    },
    asked,
  };
}
