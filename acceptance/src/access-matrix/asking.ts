import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Answer, askApi } from "../harness/api-client.ts";
import type { Viewer } from "./people.ts";
import { hiddenMarks, type MadeFile } from "./rule.ts";

/** An answer without what differs between any two. */
export interface Told {
  readonly status: number;
  readonly text: string;
  readonly headers: readonly (readonly [string, string])[];
}

const alwaysDifferent =
  /^(date|x-request-id|request-id|ratelimit.*|content-length|keep-alive|connection|etag)$/i;

/** All that an answer tells, but for what names the request. */
export const told = ({ status, text, headers }: Answer, id: string): Told => ({
  status,
  text: text.replaceAll(/"requestId":"[^"]*",?/g, "").replaceAll(id, "{id}"),
  headers: [...headers].filter(([name]) => !alwaysDifferent.test(name)),
});

/** An address of an operation, with these in place of what stands in brackets; random ids where there is none. */
export const addressOf = (path: string, parameters: Readonly<Record<string, () => string>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(Object.hasOwn(parameters, name) ? (parameters[name]?.() ?? "") : randomUUID()),
  );

/**
 * Asks as somebody, and holds the answer to two things that all must hold: it is no 5xx but for what is only pending, and nothing in it
 * is hidden from them.
 */
export async function askAs(
  viewer: Viewer,
  files: readonly MadeFile[],
  request: { readonly method: string; readonly path: string; readonly json?: unknown },
): Promise<Answer> {
  const { origin, token } = viewer.api;
  const answer = await askApi<unknown>({ origin, token, ...request });
  const asked = `${request.method} ${request.path} by ${viewer.name}: ${answer.status} ${answer.text.slice(0, 300)}`;
  assert.ok(answer.status < 500 || isPending(answer), asked);
  const everything = `${answer.text} ${[...answer.headers].join(" ")}`;
  for (const file of files)
    for (const mark of hiddenMarks(viewer, file))
      assert.ok(!everything.includes(mark), `tells "${mark}" of ${file.what}: ${asked}`);
  return answer;
}

/** What others get of a file is made when it is first asked for. */
const isPending = ({ status, body }: Answer): boolean =>
  status === 503 && (body as { code?: string }).code === "derivative-pending";
