const words = new Map([
  ["javascript", "scripts"],
  ["launch", "actions that start programs"],
  ["embedded-files", "other files"],
  ["submit", "forms that are sent off"],
  ["external", "references to what lies elsewhere"],
  ["xfa", "an XFA form"],
  ["media", "sound or films"],
  ["macros", "macros"],
]);

/** What a program that opens a download could be made to run or fetch by it: `scripts, other files`. */
export const activeContentInWords = (found: readonly string[]): string =>
  found.map((each) => words.get(each) ?? each).join(", ");
