import type { Me } from "@stowage/client";
import { formatSize } from "../format/format-size.ts";

/** From here on a person is told without opening the menu. */
const nearlyFull = 0.9;

/** 0 to 1 of the person's room, uploads under way included; nothing where there is no limit. */
export const usedShare = ({ usedBytes, reservedBytes, quotaBytes }: Me): number | undefined =>
  quotaBytes === null || quotaBytes === 0 ? undefined : Math.min(1, (usedBytes + reservedBytes) / quotaBytes);

export const isNearlyFull = (me: Me): boolean => (usedShare(me) ?? 0) >= nearlyFull;

/** "9.6 GB of 10 GB used" */
export const quotaWords = ({ usedBytes, quotaBytes }: Me): string =>
  quotaBytes === null || quotaBytes === 0
    ? `${formatSize(usedBytes)} used`
    : `${formatSize(usedBytes)} of ${formatSize(quotaBytes)} used`;

/** How much of their room a person uses. */
export function QuotaLine({ me }: { readonly me: Me }) {
  const share = usedShare(me);
  return (
    <div className="quota">
      <p>{quotaWords(me)}</p>
      {share !== undefined && (
        <meter
          aria-label="Storage used"
          value={share}
          min={0}
          max={1}
          low={nearlyFull}
          high={0.98}
          optimum={0}
        />
      )}
    </div>
  );
}
