import { compareCodePoints, cutText, foldText } from "./fold-text.ts";

/** Code points of a phrase that count: at most 256 bytes of UTF-8. */
const maxPhraseLength = 64;

/** Words of a name that it is found by: its first ones. */
const maxWords = 32;

/**
 * The words of a folded text, each with what stands before it. Punctuation, space and what is not assigned stand between
 * words; symbols (emoji among them) and letters of scripts that are written without spaces are each a word of its own.
 */
const words =
  /([^\p{L}\p{N}\p{M}\p{S}]*)([[\p{L}\p{N}\p{M}\p{S}]&&[\p{S}\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]|[[\p{L}\p{N}\p{M}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]+)/gv;

/**
 * A text from each of its first words on: "IMG_1234.jpg" gives "img 1234 jpg", "1234 jpg" and "jpg". A text without a word
 * is one as it is.
 */
function phrasesOf(text: string): string[] {
  const folded = foldText(text);
  const spoken = Array.from(folded.matchAll(words), ([, between, word]) => `${between && " "}${word}`);
  if (spoken.length === 0) return [cutText(folded || text, maxPhraseLength)];
  return spoken.slice(0, maxWords).map((_, at) =>
    cutText(
      spoken
        .slice(at, at + maxPhraseLength)
        .join("")
        .trimStart(),
      maxPhraseLength,
    ),
  );
}

/**
 * What a file is found by, each behind two digits: how much of its beginning the phrase before it (in order) has too.
 * The beginnings that are longer lead to that phrase alone, so that looking through {@link searchRanges} finds every
 * file once, whatever it has in common with itself.
 */
export function searchTerms(name: string): string[] {
  let before = "";
  return [...new Set(phrasesOf(name))].sort(compareCodePoints).map((phrase) => {
    const term = termOf(sharedLength(before, phrase), phrase);
    before = phrase;
    return term;
  });
}

/** What is looked for, as it is compared. */
export const searchPhrase = (text: string): string => phrasesOf(text)[0] ?? "";

/** A range of terms, in the order of code points. */
export interface TermRange {
  readonly from: string;
  /** Not in it any more. */
  readonly until: string;
}

/** Where the terms of the files are that a text finds, in order: as many ranges as it has code points, 1 to 64. */
export function searchRanges(text: string): TermRange[] {
  const phrase = searchPhrase(text);
  return Array.from({ length: Math.max(1, [...phrase].length) }, (_, shared) => {
    const from = termOf(shared, phrase);
    return { from, until: `${from}\u{10ffff}` };
  });
}

/** The term by which a text finds a name: where in the list of what it finds that name stands. */
export function foundTerm(name: string, text: string): string | undefined {
  const phrase = searchPhrase(text);
  return searchTerms(name).find(
    (term) => term.slice(2).startsWith(phrase) && Number(term.slice(0, 2)) < Math.max(1, [...phrase].length),
  );
}

const termOf = (shared: number, phrase: string): string => `${String(shared).padStart(2, "0")}${phrase}`;

function sharedLength(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared += 1;
  return shared;
}
