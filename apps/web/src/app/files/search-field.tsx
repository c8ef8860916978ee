import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useKeyDown } from "../chrome/use-key-down.ts";
import { longestWords } from "./list-choice.ts";

/** So long after a key the list is asked for, so that not every letter asks. */
const pauseMs = 200;

/** Finds files by the beginnings of words in their names, while one types. `/` goes there, Escape empties it. */
export function SearchField({
  words,
  onWords,
}: {
  readonly words: string;
  readonly onWords: (words: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(words);
  const said = useRef(words);
  // Going back in the history changes the words, too; one's own come back trimmed and are left as they were typed.
  useEffect(() => {
    if (said.current !== words) setTyped(words);
    said.current = words;
  }, [words]);
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === said.current) return;
    const timer = setTimeout(
      () => {
        said.current = wanted;
        onWords(wanted);
      },
      wanted === "" ? 0 : pauseMs,
    );
    return () => clearTimeout(timer);
  }, [typed, onWords]);
  useKeyDown((event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (
      event.key !== "/" ||
      isTyping ||
      event.ctrlKey ||
      event.metaKey ||
      document.querySelector("dialog[open]")
    )
      return;
    event.preventDefault();
    input.current?.focus();
    input.current?.select();
  });
  return (
    <search className="search">
      <Search aria-hidden="true" />
      <input
        ref={input}
        type="search"
        aria-label="Search by name"
        placeholder="Search by name"
        value={typed}
        maxLength={longestWords}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
        dir="auto"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || typed === "") return;
          event.preventDefault();
          setTyped("");
        }}
      />
      {typed !== "" && (
        <button
          type="button"
          className="icon-button"
          aria-label="Clear the search"
          onClick={() => {
            setTyped("");
            input.current?.focus();
          }}
        >
          <X aria-hidden="true" />
        </button>
      )}
    </search>
  );
}
