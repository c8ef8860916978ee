import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Answer, redirectTo } from "./answer.ts";
import { parseCookies } from "./cookie-header.ts";
import { endSession } from "./end-session.ts";
import type { Flow } from "./flow-cookies.ts";
import { logDefect, logFailure } from "./log-failure.ts";
import type { Session } from "./session-cookies.ts";
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
  const state = query.get("state");
  if (state === null) return signInEndedWith("failed");
  const flow = flows.find(state, cookies);
  const answer = flow && usedFlows.once(state, () => finish(context, flow, query, cookies));
  if (answer !== undefined) return answer;
  // Back and reload lead here again: who is signed in has lost nothing by it.
  const ended = flow ? [flows.end(state)] : [];
  return sessions.read(cookies) ? redirectTo("/", ended) : signInEndedWith("expired", ended);
}

/** Exchanges the code, and signs in whom it is for: in place of who was signed in before. */
async function finish(
  context: WebSessionContext,
  flow: Flow,
  query: URLSearchParams,
  cookies: ReadonlyMap<string, string>,
): Promise<Answer> {
  const { issuer, flows, sessions, tokens, logger } = context;
  const endOfFlow = flows.end(flow.state);
  try {
    const issued = await issuer.exchangeCode(query, flow);
    const session = {
      id: randomUUID(),
      refreshToken: issued.refreshToken,
      signedInAtMs: context.nowMs(),
      ...issued.account,
    };
    const setLines = sessions.set(session, issued.idToken);
    tokens.hold(session, issued);
    replace(context, flow.replaces, sessions.read(cookies)?.session, session);
    return redirectTo(flow.returnTo, [...setLines, endOfFlow]);
  } catch (error) {
    return failedSignIn(logFailure(logger, error), [endOfFlow]);
  }
}

/**
 * Answers to the former session's requests that are still under way must not set its cookie again. Its cookie may be
 * missing here, where another site's issuer sent the browser: then its id is known from the beginning of the flow.
 */
function replace(
  context: WebSessionContext,
  formerId: string | undefined,
  former: Session | undefined,
  { subject }: Session,
): void {
  if (formerId !== undefined) context.ended.add(formerId);
  if (former === undefined) return;
  context.ended.add(former.id);
  // Not one's own where the issuer keeps one grant per person and client: it would revoke the new tokens with it.
  if (former.subject !== subject || context.hasGrantPerSignIn)
    endSession(context, former).catch((error: unknown) => logDefect(context.logger, error));
}
