import type { Unfinished } from "../session/visits.ts";

/** What becomes of files that had not arrived when somebody was signed out. Nothing in it tells whose they are. */
export function unfinishedWords({ files, kept }: Unfinished): string {
  const isOne = files === 1;
  const begin = isOne ? "One file has not arrived" : `${files} files have not arrived`;
  if (kept === 0) return `${begin}: sign in again and add ${isOne ? "it" : "them"} once more.`;
  if (kept === files)
    return `${begin}. ${isOne ? "It is" : "They are"} kept on this device and ${isOne ? "goes" : "go"} on when you sign in here again.`;
  return `${begin}. ${kept === 1 ? "One is" : `${kept} are`} kept on this device and ${kept === 1 ? "goes" : "go"} on when you sign in here again; add the ${files - kept === 1 ? "other" : "others"} once more.`;
}
