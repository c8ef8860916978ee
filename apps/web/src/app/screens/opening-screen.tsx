import { useLater } from "../chrome/use-later.ts";

/** An answer that comes sooner needs no word: it would only flash. */
const silentMs = 600;
const slowMs = 5_000;

/** While it is asked who is signed in. */
export function OpeningScreen() {
  const isLate = useLater(silentMs);
  const isSlow = useLater(slowMs);
  return (
    <main className="opening" aria-busy="true">
      <p role="status">{isSlow ? "The server takes its time…" : isLate ? "Opening…" : ""}</p>
    </main>
  );
}
