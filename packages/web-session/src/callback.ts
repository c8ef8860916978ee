import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Answer, redirectTo } from "./answer.ts";
import { parseCookies } from "./cookie-header.ts";
import type { Flow } from "./flow-cookies.ts";
import { logFailure } from "./log-failure.ts";
import { failedSignIn, signInEndedWith } from "./sign-in-failure.ts";
import type { WebSessionContext } from "./web-session-context.ts";

/**
 * `GET /session/callback`: where the issuer sends the browser back to. Only the browser that began a sign-in can end it
 * (its flow's cookie holds the `state`), and only once.
 */
export async function callback(
  context: WebSessionContext,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Answer> {
  const { flows, usedFlows, sessions } = context;
  const cookies = parseCookies(request.headers.cookie);
  const [state = "", ...others] = query.getAll("state");
  if (state === "" || others.length > 0) return signInEndedWith("failed");
  const flow = flows.find(state, cookies);
  const answer = flow && usedFlows.once(state, () => finish(context, flow, query, cookies));
  if (answer !== undefined) return answer;
  // Back and reload lead here again: who is signed in has lost nothing by it.
  const ended = flow ? [flows.end(state)] : [];
  return sessions.read(cookies) ? redirectTo("/", ended) : signInEndedWith("expired", ended);
}

/** Exchanges the code, and signs in whom it is for: in place of who was signed in before. */
async function finish(
  { issuer, flows, sessions, tokens, ended, logger }: WebSessionContext,
  flow: Flow,
  query: URLSearchParams,
  cookies: ReadonlyMap<string, string>,
): Promise<Answer> {
  const endOfFlow = flows.end(flow.state);
  try {
    const issued = await issuer.exchangeCode(query, flow);
    const session = { id: randomUUID(), refreshToken: issued.refreshToken, ...issued.account };
    const setLines = sessions.set(session, issued.idToken);
    tokens.hold(session, issued);
    // Answers to the former session's requests that are still under way must not set its cookie again.
    for (const id of [sessions.read(cookies)?.session.id, flow.replaces]) if (id !== undefined) ended.add(id);
    return redirectTo(flow.returnTo, [...setLines, endOfFlow]);
  } catch (error) {
    return failedSignIn(logFailure(logger, error), [endOfFlow]);
  }
}
