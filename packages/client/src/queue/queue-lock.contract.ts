import type { AbortSignalLike } from "../ports.ts";
import type { QueueLock } from "./queue-lock.ts";

// Runs in Node and in pages alike: it needs neither's assertions.

export interface QueueLockCase {
  readonly name: string;
  /** @param open - a lock by its name; each is another program's, none of which is looked at */
  run(open: (name: string) => QueueLock, name: string): Promise<void>;
}

/** A signal that a case aborts. */
function createAbort(): { readonly signal: AbortSignalLike; abort(): void } {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    addEventListener: (_: "abort", listener: () => void) => listeners.add(listener),
    removeEventListener: (_: "abort", listener: () => void) => listeners.delete(listener),
  };
  return {
    signal,
    abort() {
      signal.aborted = true;
      for (const listener of listeners) listener();
    },
  };
}

const never = createAbort().signal;
const no = () => false;

function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Long enough for a lock that could be had. */
async function isPending(promise: Promise<unknown>, open: (name: string) => QueueLock): Promise<boolean> {
  let isDone = false;
  promise.then(
    () => {
      isDone = true;
    },
    () => {
      isDone = true;
    },
  );
  for (let turn = 0; turn < 5; turn += 1) {
    const lead = await open(`something else ${turn}`).acquire(never, no);
    lead.release();
  }
  return !isDone;
}

/** What every QueueLock holds; each case with a name of its own. */
export const queueLockCases: readonly QueueLockCase[] = [
  {
    name: "lets one lead at a time, in turn",
    async run(open, name) {
      const first = await open(name).acquire(never, no);
      const second = open(name).acquire(never, no);
      const third = open(name).acquire(never, no);
      assert(await isPending(second, open), "the second leads beside the first");
      assert(!first.lost.aborted, "the first has lost the lead");
      first.release();
      const lead = await second;
      assert(await isPending(third, open), "the third leads beside the second");
      lead.release();
      (await third).release();
    },
  },
  {
    name: "lets the same lead again",
    async run(open, name) {
      const lock = open(name);
      (await lock.acquire(never, no)).release();
      const again = await lock.acquire(never, no);
      assert(!again.lost.aborted, "it has lost the lead at once");
      again.release();
    },
  },
  {
    name: "does not lead once it is told to stop, and is not waited for",
    async run(open, name) {
      const first = await open(name).acquire(never, no);
      const stopped = createAbort();
      const second = open(name)
        .acquire(stopped.signal, no)
        .then(
          () => "leads",
          (error: { code?: unknown }) => error.code,
        );
      const third = open(name).acquire(never, no);
      stopped.abort();
      assert((await second) === "aborted", "it leads");
      first.release();
      (await third).release();
      const late = open(name).acquire(stopped.signal, no);
      assert((await late.catch((error) => error.code)) === "aborted", "it leads though it was told before");
    },
  },
  {
    name: "keeps apart what has different names",
    async run(open, name) {
      const one = await open(name).acquire(never, no);
      const other = await open(`${name} `).acquire(never, no);
      one.release();
      other.release();
    },
  },
];
