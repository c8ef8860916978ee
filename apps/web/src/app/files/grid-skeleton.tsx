import { useLater } from "../chrome/use-later.ts";

/** Sooner than this the files are there: nothing flashes. */
const silentMs = 250;
const slowMs = 6_000;

const shapes = { a: 1.5, b: 0.75, c: 1.33, d: 1.5, e: 1, f: 0.67, g: 1.5, h: 1.78, i: 0.75, j: 1.33, k: 1.5 };

/** In the grid's place while the first files are on their way. */
export function GridSkeleton() {
  const isLate = useLater(silentMs);
  const isSlow = useLater(slowMs);
  return (
    <div aria-busy="true">
      <p className={isSlow ? "slow" : "visually-hidden"} role="status">
        {isSlow ? "Still trying to reach the server…" : "Loading files…"}
      </p>
      <div className="skeleton" aria-hidden="true" data-shown={isLate || undefined}>
        {Object.entries(shapes).map(([key, ratio]) => (
          <span key={key} style={{ flexGrow: ratio * 100, aspectRatio: ratio }} />
        ))}
      </div>
    </div>
  );
}
