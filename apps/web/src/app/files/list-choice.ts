import type { FileListQuery } from "@stowage/client";

type Sort = "created" | "taken" | "name";
type Kind = "image" | "video" | "document";

/** Which of the lists a person looks at. It is in the address, so that it can be gone back to and kept. */
export interface ListChoice {
  readonly sort: Sort;
  /** Of which kind; without one, all. Goes with the orders by time alone. */
  readonly kind: Kind | undefined;
  /** Beginnings of words of a name; where there are some, they alone count. */
  readonly words: string;
}

export const everything: ListChoice = { sort: "created", kind: undefined, words: "" };

/** What the server takes, and more than anybody types. */
export const longestWords = 200;

const isSort = (text: string | null): text is Sort =>
  text === "created" || text === "taken" || text === "name";
const isKind = (text: string | null): text is Kind =>
  text === "image" || text === "video" || text === "document";

/** @param search what follows the path, with or without its question mark; what it has no meaning for is left out */
export function choiceOf(search: string): ListChoice {
  const asked = new URLSearchParams(search);
  const words = (asked.get("q") ?? "").trim().slice(0, longestWords);
  if (words !== "") return { ...everything, words };
  const type = asked.get("type");
  const kind = isKind(type) ? type : undefined;
  const wanted = asked.get("sort");
  const sort = isSort(wanted) && !(kind && wanted === "name") ? wanted : "created";
  return { sort, kind, words };
}

/** As it stands behind a path: empty for the list that everybody begins with, else with its question mark. */
export function searchOf({ sort, kind, words }: ListChoice): string {
  const asked = new URLSearchParams();
  if (words !== "") asked.set("q", words);
  else {
    if (kind) asked.set("type", kind);
    if (sort !== "created") asked.set("sort", sort);
  }
  const text = asked.toString();
  return text === "" ? "" : `?${text}`;
}

/** The list to ask for: without members that say what is so anyway, so that it is one list under one name. */
export function queryOf({ sort, kind, words }: ListChoice): FileListQuery {
  if (words !== "") return { q: words };
  return { ...(sort === "created" ? {} : { sort }), ...(kind ? { type: kind } : {}) };
}
