import { SearchX } from "lucide-react";
import type { ListChoice } from "./list-choice.ts";

const kindWords = { image: "photos", video: "videos", document: "documents" } as const;

/** Files there may be, but none in this list. */
export function NothingFound({
  choice: { words, kind },
  onAll,
}: {
  readonly choice: ListChoice;
  readonly onAll: () => void;
}) {
  return (
    <div className="empty">
      <SearchX aria-hidden="true" />
      {kind ? (
        <h2>No {kindWords[kind]} yet</h2>
      ) : (
        <>
          <h2>
            Nothing has a name with “<bdi>{words}</bdi>”
          </h2>
          <p>A word is found by its beginning: “img” finds IMG_2041.jpg, and “2041” does.</p>
        </>
      )}
      <button type="button" className="button" onClick={onAll}>
        Show all files
      </button>
    </div>
  );
}
