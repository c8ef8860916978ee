import type { CookiePlace } from "./cookie-place.ts";
import type { SignInSecrets } from "./issuer-client.ts";
import { createSealer } from "./sealed-value.ts";

/** One sign-in that was begun, kept in the browser that began it. */
export interface Flow extends SignInSecrets {
  readonly returnTo: string;
  /** The session that was there when it began. */
  readonly replaces?: string;
}

/** To sign in at the issuer, sign-up and a second factor included. */
export const flowLifetimeSeconds = 600;

/** Tabs in which a sign-in may be under way at once, and the bytes of their cookies, which every request carries. */
const maxFlows = 10;
const maxFlowBytes = 4096;

export interface FlowCookies {
  /** `Set-Cookie` lines: this flow, and the oldest of too many others removed. */
  begin(flow: Flow, cookies: ReadonlyMap<string, string>): string[];
  /** The flow that this `state` belongs to, if this browser began it, not too long ago, and its cookie is ours. */
  find(state: string, cookies: ReadonlyMap<string, string>): Flow | undefined;
  /** `Set-Cookie` line that removes a flow. */
  end(state: string): string;
}

/** Each flow has a cookie of its own, named by the start of its `state`: tabs don't disturb one another. */
export function createFlowCookies(o: {
  readonly place: CookiePlace;
  readonly key: Uint8Array;
  readonly context: readonly string[];
  readonly nowMs: () => number;
}): FlowCookies {
  const sealer = createSealer<Flow>({ ...o, purpose: "sign-in", lifetimeMs: flowLifetimeSeconds * 1000 });
  const idLength = 8;
  const nameOf = (state: string) => `${o.place.nameOf("sign-in")}-${state.slice(0, idLength)}`;
  const nameLength = nameOf("x".repeat(idLength)).length;
  const isFlowName = (name: string) => name.startsWith(nameOf("")) && name.length === nameLength;
  const line = (name: string, value: string, maxAgeSeconds: number) =>
    o.place.setLine({ name, value, sameSite: "Lax", maxAgeSeconds });

  return {
    begin(flow, cookies) {
      const value = sealer.seal(flow);
      const others = [...cookies]
        .filter(([name]) => isFlowName(name))
        .map(([name, text]) => ({
          name,
          sizeBytes: name.length + text.length,
          sealedAtMs: sealer.open(text)?.sealedAtMs ?? 0,
        }))
        .sort((a, b) => b.sealedAtMs - a.sealedAtMs);
      let keptBytes = value.length + nameLength;
      const removed = others.filter(({ sizeBytes, sealedAtMs }, index) => {
        keptBytes += sizeBytes;
        return sealedAtMs === 0 || index + 1 >= maxFlows || keptBytes > maxFlowBytes;
      });
      return [
        ...removed.map(({ name }) => line(name, "", 0)),
        line(nameOf(flow.state), value, flowLifetimeSeconds),
      ];
    },
    find(state, cookies) {
      const flow = sealer.open(cookies.get(nameOf(state)) ?? "")?.value;
      return flow?.state === state ? flow : undefined;
    },
    end: (state) => line(nameOf(state), "", 0),
  };
}
