import type { MetadataStore, NewAuditEvent } from "@stowage/core";
import type { ApiServer } from "../api-context.ts";
import { callerIdOf } from "../authentication/authenticate.ts";
import { type DenialKind, denialsOf } from "./note-denials.ts";

/** As far apart as events of one person, kind and route come. */
const recordEveryMs = 30_000;

/** Written at once where there are so many kinds of them before: a flood takes no more memory than this. */
const maxKept = 1_000;

interface Denials {
  readonly actor: NewAuditEvent["actor"];
  readonly kind: DenialKind;
  /** A method and a route's template, or `unknown`. Never a path: it would tell what was looked for. */
  readonly route: string;
  count: number;
}

/**
 * Counts what callers are kept from, by who, kind and route, and writes the counts as audit events `access.denied` now and
 * then and at the server's close, off the path of any request. Of what can't be written the newest are kept for the next try; a
 * process that is killed takes half a minute's with it.
 */
export function recordDenials(server: ApiServer, metadata: Pick<MetadataStore, "addAuditEvents">): void {
  let kept = new Map<string, Denials>();
  let lost = 0;
  let writing: Promise<void> | undefined;

  function count(denials: Denials): void {
    const key = JSON.stringify([denials.actor, denials.kind, denials.route]);
    const known = kept.get(key);
    if (known) known.count += denials.count;
    else if (kept.size < maxKept) kept.set(key, denials);
    else lost += denials.count;
  }

  async function write(): Promise<void> {
    if (kept.size === 0) return;
    const taken = [...kept.values()];
    kept = new Map();
    try {
      await metadata.addAuditEvents(
        taken.map(({ actor, kind, route, count }) => ({
          actor,
          action: "access.denied",
          targetId: route,
          detail: JSON.stringify({ count, kind }),
        })),
      );
    } catch (err) {
      for (const denials of taken) count(denials);
      server.log.warn({ err }, "denials can't be written to the audit now; they will be tried again");
    }
    if (lost > 0) server.log.warn({ lost }, "more was denied than could be kept for the audit");
    lost = 0;
  }

  /** One at a time. */
  const flush = (): Promise<void> => {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    return writing;
  };

  server.addHook("onResponse", (request, _reply, done) => {
    const denials = denialsOf(request);
    if (denials && request.url.startsWith("/v1/")) {
      const principalId = callerIdOf(request);
      const actor = principalId === undefined ? "anonymous" : { principalId };
      const template = request.routeOptions.url;
      const route = template === undefined ? "unknown" : `${request.method} ${template}`;
      for (const [kind, each] of denials) count({ actor, kind, route, count: each });
      if (kept.size >= maxKept) void flush();
    }
    done();
  });
  const timer = setInterval(() => void flush(), recordEveryMs);
  timer.unref();
  server.addHook("onClose", async () => {
    clearInterval(timer);
    await flush();
    // What came while the one before was under way, and what that one could not write.
    await flush();
  });
}
