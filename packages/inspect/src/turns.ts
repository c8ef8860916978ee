/** A fixed number of places, taken first come, first served. */
export interface Turns {
  /** Resolves when a place is free and taken. Rejects with the signal's reason, having taken none. */
  take(signal?: AbortSignal): Promise<void>;
  /** Gives a taken place to whoever waits longest. */
  give(): void;
  /** Rejects everyone who waits. */
  turnAway(reason: Error): void;
}

export function createTurns(places: number): Turns {
  const waiting: PromiseWithResolvers<void>[] = [];
  let free = places;
  return {
    async take(signal) {
      signal?.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      const turn = Promise.withResolvers<void>();
      const leave = (): void => {
        const place = waiting.indexOf(turn);
        if (place >= 0) waiting.splice(place, 1);
        turn.reject(signal?.reason);
      };
      waiting.push(turn);
      signal?.addEventListener("abort", leave);
      try {
        await turn.promise;
      } finally {
        signal?.removeEventListener("abort", leave);
      }
    },
    give() {
      const next = waiting.shift();
      if (next) next.resolve();
      else free += 1;
    },
    turnAway(reason) {
      for (const turn of waiting.splice(0)) turn.reject(reason);
    },
  };
}
