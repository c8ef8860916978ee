import { useEffect, useState } from "react";
import type { Keeper, KeptNow } from "./keeper.ts";

/** What is kept, while it is looked at; nothing until it is known, and where this browser has no storage. */
export function useKeptNow(keeper: Keeper | undefined): KeptNow | undefined {
  const [now, setNow] = useState<KeptNow>();
  useEffect(() => {
    if (!keeper) return;
    let isOver = false;
    const look = () =>
      void keeper.kept().then(
        (kept) => !isOver && setNow(kept),
        () => undefined,
      );
    look();
    const stop = keeper.subscribe(look);
    return () => {
      isOver = true;
      stop();
    };
  }, [keeper]);
  return now;
}
