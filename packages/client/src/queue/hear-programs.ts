import type { AbortSignalLike, Clock, FileSource } from "../ports.ts";
import { mirrorItems } from "./mirror-items.ts";
import type { QueueEvent } from "./queue-event.ts";
import type { QueueItem } from "./queue-item.ts";
import type { QueueState } from "./queue-state.ts";
import type { QueueRow } from "./queue-store.ts";
import type { UploadItem } from "./upload-item.ts";

/**
 * What programs with the same queue tell each other: what they show (all of it, or what has changed), that rows were written, who
 * has just come, who wants to lead since it has what it can't keep, what a person did, and that who leads has heard it.
 */
export type Message<Source extends FileSource> =
  | { readonly type: "mirrored" | "changed"; readonly items: readonly UploadItem[] }
  | { readonly type: "rows" | "hello" | "yield" }
  | { readonly type: "act"; readonly key: string; readonly event: QueueEvent<Source> }
  | { readonly type: "heard"; readonly key: string };

const loadEveryMs = 250;

/** What a queue lets others' messages do. */
export interface Ears<Source extends FileSource> {
  state(): QueueState<Source>;
  dispatch(event: QueueEvent<Source>): void;
  post(message: Message<Source>): void;
  /** What a person did here that no program that leads has heard yet. */
  readonly acts: Map<string, QueueEvent<Source>>;
  isHeldHere(item: QueueItem<Source>): boolean;
  /** Who asked is told what came of it, also where it looks here as it did before. */
  showAll(): void;
  /** Gives the lead to another. */
  stepDown?: () => void;
  load(): Promise<readonly QueueRow[]>;
  readonly clock: Clock;
  readonly signal: AbortSignalLike;
}

export function createHear<Source extends FileSource>(
  ears: Ears<Source>,
): (message: Message<Source>) => void {
  const { state, dispatch, post, acts, isHeldHere, showAll, load, clock, signal } = ears;
  let isLoadDue = false;
  /** Others may write thousands of rows, one after another; and this program may be about to lead, with rows of before. */
  const loadSoon = async () => {
    if (isLoadDue) return;
    isLoadDue = true;
    await clock.delay(loadEveryMs, signal);
    isLoadDue = false;
    await loadNow(false);
  };
  const loadNow = async (hasCome: boolean) => {
    const rows = await load();
    if (!state().isLeading) return;
    // What is not kept another program may be about to keep; it may also have been the last life of the one that has come.
    const seen = rows.filter(({ id, isKept }) => isKept || hasCome || state().at.has(id));
    dispatch({ type: "loaded", rows: seen });
    showAll();
  };
  const obey = ({ key, event }: Extract<Message<Source>, { type: "act" }>) => {
    if (!state().isLeading) return;
    dispatch(event);
    post({ type: "heard", key });
    showAll();
  };
  const isKnown = (event: QueueEvent<Source>) =>
    !("ids" in event) || event.type === "dismissed" || event.ids.every((id) => state().at.has(id));
  return (message) => {
    if ("items" in message) {
      if (state().isLeading) return;
      dispatch({ type: "mirrored", items: mirrorItems(state(), message, isHeldHere) });
      for (const [key, event] of acts) post({ type: "act", key, event });
      // What is only here, and is not about to be kept, nobody else can send.
      if (state().items.some((item) => !isBeingKept.has(item.state) && isHeldHere(item)))
        post({ type: "yield" });
      return;
    }
    switch (message.type) {
      case "heard":
        acts.delete(message.key);
        return;
      case "act":
        // What was added there a moment ago is in the store before this is posted. What is not kept yet its own program lets stand still.
        if (isKnown(message.event)) obey(message);
        else loadNow(message.event.type === "cancelled").then(() => obey(message), closed);
        return;
      case "yield":
        if (!state().items.some(isHeldHere)) ears.stepDown?.();
        return;
    }
    (message.type === "hello" ? loadNow(true) : loadSoon()).catch(closed);
  };
}

const isBeingKept: ReadonlySet<string> = new Set(["saving", "paused"]);

const closed = () => {
  // While it was loaded.
};
