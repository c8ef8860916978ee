import { useStowage } from "@stowage/react";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { loadLater } from "../load-later.ts";
import type { Keeper } from "./keeper.ts";
import { createLentKept, type LentKept } from "./lent-kept.ts";

/** Empty where there is nobody to keep anything for: a guest, or who came by a link. */
export const KeptContext = createContext<Partial<LentKept> & { readonly keeper?: Keeper | undefined }>({});

export const useKeptPictures = () => useContext(KeptContext);

/** Keeps pictures for one person on this device, and lends them to what is below it, until `life` ends. */
export function KeptProvider({
  person,
  life,
  children,
}: {
  readonly person: string;
  readonly life: AbortSignal;
  readonly children: ReactNode;
}) {
  const { client, queue } = useStowage();
  const queryClient = useQueryClient();
  const [lent] = useState(createLentKept);
  const [keeper, setKeeper] = useState<Keeper>();
  useEffect(() => {
    void loadLater().then(({ startKeeper }) => {
      if (life.aborted) return;
      const started = startKeeper({ client, queue, person, life, queryClient });
      lent.lend(started);
      setKeeper(started);
    });
  }, [client, queue, person, life, queryClient, lent]);
  const kept = useMemo(() => ({ ...lent, keeper }), [lent, keeper]);
  return <KeptContext value={kept}>{children}</KeptContext>;
}
