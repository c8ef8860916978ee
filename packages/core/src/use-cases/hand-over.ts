/** A stream with a writer and a reader that wait for one another at every chunk: nothing is kept in between. */
export interface HandOver {
  readonly body: AsyncIterable<Uint8Array>;
  /** Resolves once the reader has taken the chunk, or it is known to read no more. */
  give(chunk: Uint8Array): Promise<void>;
  end(): void;
  /** The reader reads no more: nobody waits for it. */
  stopReading(): void;
}

export function createHandOver(): HandOver {
  let offered: { readonly chunk: Uint8Array; taken(): void } | undefined;
  let isEnded = false;
  let isReading = true;
  let tellReader = (): void => undefined;
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (offered) {
        const { chunk, taken } = offered;
        offered = undefined;
        taken();
        yield chunk;
      } else if (isEnded) return;
      else
        await new Promise<void>((resolve) => {
          tellReader = resolve;
        });
    }
  }
  return {
    body: read(),
    give: (chunk) =>
      new Promise((taken) => {
        if (!isReading) return taken();
        offered = { chunk, taken };
        tellReader();
      }),
    end: () => {
      isEnded = true;
      tellReader();
    },
    stopReading: () => {
      isReading = false;
      offered?.taken();
    },
  };
}
