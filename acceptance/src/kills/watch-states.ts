import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Api } from "../harness/api-client.ts";
import type { Page, Upload, UploadState } from "../harness/wire.ts";

const ranks: Readonly<Record<UploadState, number>> = {
  pending: 0,
  uploaded: 1,
  verifying: 2,
  ready: 3,
  rejected: 3,
  aborted: 3,
};

export interface StateWatch {
  /** Holds an upload as it was answered now to what it was before. */
  see(upload: Pick<Upload, "id" | "state">): void;
  readonly seen: ReadonlyMap<string, UploadState>;
  /** Ends the polling; rejects where a state had gone back. */
  stop(): Promise<void>;
}

const pollMs = 250;

/** Looks at one person's newest uploads again and again: a state moves forward only, and an end is an end. */
export function watchStates(api: Api): StateWatch {
  const seen = new Map<string, UploadState>();
  let isOver = false;
  const see = ({ id, state }: Pick<Upload, "id" | "state">) => {
    const before = seen.get(id);
    if (before !== undefined && before !== state)
      assert.ok(ranks[state] > ranks[before], `upload ${id} was ${before} and is ${state}`);
    seen.set(id, state);
  };
  const poll = async () => {
    while (!isOver) {
      const page = await api.get<Page<Upload>>("/v1/uploads?limit=100");
      assert.equal(page.status, 200, page.text.slice(0, 500));
      for (const upload of page.body.items) see(upload);
      await delay(pollMs);
    }
  };
  const polling = poll();
  // Told by `stop`.
  polling.catch(() => undefined);
  return {
    see,
    seen,
    stop: () => {
      isOver = true;
      return polling;
    },
  };
}
