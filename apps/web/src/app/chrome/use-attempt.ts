import { ClientError, describeFailure } from "@stowage/client";
import { useState } from "react";

export interface Attempt {
  /** One is on its way. */
  readonly isBusy: boolean;
  /** Why the last one failed, in a sentence. */
  readonly trouble: string | undefined;
  /** Does something that the server may refuse; answers whether it was done. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
}

/** What a form or dialog tries, one thing at a time, and says of it. */
export function useAttempt(): Attempt {
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  return {
    isBusy,
    trouble,
    async attempt(work) {
      setBusy(true);
      setTrouble(undefined);
      try {
        await work();
        return true;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        setTrouble(describeFailure(error, "It").problem.detail);
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
