import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../http/log.ts";
import { createSequencer, type DatedEvent, eventMessage } from "./event-message.ts";
import { type ObjectEvent, type ObjectEventName, parseEventKind } from "./object-event.ts";
import { type PostOutcome, postMessage } from "./post-message.ts";

/** Whom to tell of what happens to objects. */
export interface NotificationOptions {
  /** Told in each record as `configurationId`. Default `notification`. */
  readonly id?: string;
  /** http or https; gets S3's event messages by POST. Redirects are not followed. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`; printable ASCII without spaces. */
  readonly bearerToken: string;
  /** S3's notation: `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`… */
  readonly events: readonly string[];
  /** Only keys that begin with one of these. Default: all. */
  readonly prefixes?: readonly string[];
  /** How long an event waits before it is told. Default 2000 ms. */
  readonly delayMs?: number;
  /** Events that wait, at most; beyond, the oldest are dropped. Default 10,000. */
  readonly maxQueued?: number;
  /** Between two messages, unless one is full. Default 500 ms. */
  readonly intervalMs?: number;
  /** Before the first repetition of a message; doubled with each. Default 500 ms. */
  readonly retryMs?: number;
}

export interface Notifier {
  /** Remembers an event. Costs next to nothing, and never throws. */
  notify(event: ObjectEvent): void;
  /** Tries once more to deliver what waits, for a second at most, and forgets the rest. */
  close(): Promise<void>;
}

/** Records of one message. */
const maxRecords = 200;
const postTimeoutMs = 10_000;
const longestRetryMs = 30_000;
const lastAttemptMs = 1_000;
/** A flood of lost events is one line of the log in so long. */
const reportEveryMs = 10_000;

interface WaitingEvent extends DatedEvent {
  /** On the monotonic clock. */
  readonly dueAtMs: number;
}

/** Throws RangeError for options that can't be meant. */
function checkTarget({ url, bearerToken }: NotificationOptions): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== "")
    throw new RangeError("notifications: url must be an http or https URL without credentials");
  if (!/^[\x21-\x7e]+$/.test(bearerToken))
    throw new RangeError("notifications: bearerToken must be printable ASCII without spaces");
  return parsed;
}

/**
 * Tells one receiver of events: in S3's message, many at a time, each at least once for as long as this process lives.
 * What waits is in memory: a crash loses it, and so does a receiver that is away for longer than `maxQueued` events
 * take to come. Whoever relies on events also looks by itself from time to time.
 */
export function createNotifier(
  options: NotificationOptions,
  about: { readonly bucket: string; readonly region: string; readonly now: () => Date; readonly log: Log },
): Notifier {
  const { id = "notification", prefixes = [""], delayMs = 2_000, maxQueued = 10_000 } = options;
  const { intervalMs = 500, retryMs = 500 } = options;
  const url = checkTarget(options);
  const wanted: ReadonlySet<ObjectEventName> = new Set(options.events.flatMap(parseEventKind));
  const nextSequencer = createSequencer();
  const closing = new AbortController();

  let waiting: WaitingEvent[] = [];
  let delivering: Promise<void> | undefined;
  let dropped = 0;
  let reportedAtMs = Number.NEGATIVE_INFINITY;

  const reportDropped = (): void => {
    const nowMs = performance.now();
    if (dropped === 0 || nowMs - reportedAtMs < reportEveryMs) return;
    about.log({ level: "error", msg: "events dropped: too many wait", dropped, url: url.origin });
    reportedAtMs = nowMs;
    dropped = 0;
  };

  const send = (events: readonly DatedEvent[], signal: AbortSignal): Promise<PostOutcome> => {
    const message = eventMessage(events, { ...about, configurationId: id });
    const target = { url, bearerToken: options.bearerToken };
    return postMessage(target, message, AbortSignal.any([signal, AbortSignal.timeout(postTimeoutMs)]));
  };

  const pause = async (ms: number): Promise<void> => {
    try {
      if (ms > 0) await delay(ms, undefined, { signal: closing.signal });
    } catch (error) {
      // Closing ends every pause.
      if (!closing.signal.aborted) throw error;
    }
  };

  /** Sends until it is taken or refused, or until closing: whether it is off our hands. */
  const deliver = async (events: readonly DatedEvent[]): Promise<boolean> => {
    for (let failures = 0; ; failures += 1) {
      const result = await send(events, closing.signal);
      if (result.outcome === "taken") {
        if (failures > 0) about.log({ level: "info", msg: "events are delivered again", url: url.origin });
        return true;
      }
      if (closing.signal.aborted) return false;
      const said = { events: events.length, url: url.origin, why: result.why };
      if (result.outcome === "refused") {
        about.log({ level: "error", msg: "events refused by their receiver, and dropped", ...said });
        return true;
      }
      // One line for an outage; the next says how it ended, or what was dropped.
      if (failures === 0) about.log({ level: "warn", msg: "events wait: their receiver is away", ...said });
      // "Full jitter", so that many senders do not come back as one.
      const backoffMs = Math.random() * Math.min(longestRetryMs, retryMs * 2 ** Math.min(failures, 16));
      await pause(Math.max(backoffMs, Math.min(longestRetryMs, result.retryAfterMs ?? 0)));
      reportDropped();
    }
  };

  const takeDue = (): WaitingEvent[] => {
    const nowMs = performance.now();
    const later = waiting.findIndex(({ dueAtMs }, index) => dueAtMs > nowMs || index === maxRecords);
    return waiting.splice(0, later === -1 ? waiting.length : later);
  };

  const deliverAll = async (): Promise<void> => {
    for (let [first] = waiting; first && !closing.signal.aborted; [first] = waiting) {
      await pause(first.dueAtMs - performance.now());
      const due = takeDue();
      if (due.length > 0 && !(await deliver(due))) waiting = [...due, ...waiting];
      if (due.length < maxRecords) await pause(intervalMs);
    }
  };

  const begin = (): void => {
    delivering ??= deliverAll()
      .catch((error: unknown) => about.log({ level: "error", msg: "events can't be delivered", error }))
      .finally(() => {
        delivering = undefined;
        // What came in the moment of the end.
        if (waiting.length > 0 && !closing.signal.aborted) begin();
      });
  };

  return {
    notify(event) {
      if (!wanted.has(event.name) || !prefixes.some((prefix) => event.key.startsWith(prefix))) return;
      if (waiting.length >= maxQueued) {
        waiting.shift();
        dropped += 1;
        reportDropped();
      }
      const at = about.now();
      waiting.push({ ...event, at, sequencer: nextSequencer(at), dueAtMs: performance.now() + delayMs });
      if (!closing.signal.aborted) begin();
    },

    async close() {
      closing.abort();
      await delivering;
      const deadline = AbortSignal.timeout(lastAttemptMs);
      while (waiting.length > 0 && !deadline.aborted) {
        const { outcome } = await send(waiting.slice(0, maxRecords), deadline);
        if (outcome === "unavailable") break;
        waiting.splice(0, maxRecords);
      }
      const lost = waiting.length + dropped;
      if (lost > 0)
        about.log({ level: "warn", msg: "events dropped at the end", dropped: lost, url: url.origin });
      waiting = [];
    },
  };
}
