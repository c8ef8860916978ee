import { useKeptPictures } from "./kept-context.tsx";
import { stillSeenWords } from "./kept-words.ts";
import { useKeptNow } from "./use-kept-now.ts";

/** Beside the word that the server is out of reach: which pictures can be seen all the same, and until when. */
export function KeptNotice() {
  const now = useKeptNow(useKeptPictures().keeper);
  return now && now.files > 0 ? <> {stillSeenWords(now)}</> : null;
}
