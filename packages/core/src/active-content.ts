/** What a reader could be made to run or to fetch by a file: a closed list, in the order in which it is said. */
export const activeContents = [
  "javascript",
  "launch",
  "embedded-files",
  "submit",
  "external",
  "xfa",
  "media",
  "macros",
] as const;

export type ActiveContent = (typeof activeContents)[number];

const words: Readonly<Record<ActiveContent, string>> = {
  javascript: "scripts",
  launch: "actions that start programs",
  "embedded-files": "other files",
  submit: "forms that are sent off",
  external: "references to what lies elsewhere",
  xfa: "an XFA form",
  media: "sound or films",
  macros: "macros",
};

/** `scripts, other files and macros`. */
export function activeContentInWords(found: readonly ActiveContent[]): string {
  const said = activeContents.filter((each) => found.includes(each)).map((each) => words[each]);
  return said.length < 2 ? said.join("") : `${said.slice(0, -1).join(", ")} and ${said.at(-1)}`;
}
