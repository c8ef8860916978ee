/** What has not arrived where somebody wants to sign out. */
export interface Unsent {
  readonly files: number;
  /** Of the files: those whose bytes are kept on this device. */
  readonly kept: number;
  /** New versions of files that are being sent; they are not kept. */
  readonly replacing: number;
}

const have = (count: number, what: string): string =>
  count === 1 ? `One ${what} has` : `${count.toLocaleString("en")} ${what}s have`;

/** What becomes of it, in sentences. */
export function unsentWords({ files, kept, replacing }: Unsent): string {
  if (files + replacing === 0) return "All uploads have ended meanwhile.";
  const lost = files - kept;
  const sentences = [];
  if (files > 0) sentences.push(`${have(files, "file")} not arrived yet.`);
  if (kept > 0)
    sentences.push(
      `Kept on this device, ${lost > 0 ? `${kept.toLocaleString("en")} of them` : kept === 1 ? "it" : "they"} will go on when you sign in here again; nobody else sees ${files === 1 ? "it" : "them"}.`,
    );
  if (kept > 0 && lost > 0)
    sentences.push(`${lost === 1 ? "One is" : `${lost} are`} not kept here and must be added again.`);
  if (kept === 0 && files > 0)
    sentences.push(`If you sign out now, ${files === 1 ? "it stops" : "they stop"}.`);
  if (replacing > 0) sentences.push(`${have(replacing, "new version")} not arrived and will stop.`);
  return sentences.join(" ");
}
