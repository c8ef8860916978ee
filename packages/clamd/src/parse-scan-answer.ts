import { ScannerUnavailableError } from "@stowage/core";

export type ScanAnswer =
  | { readonly verdict: "clean" }
  | { readonly verdict: "infected"; readonly name: string };

/**
 * Reads what clamd answers to INSTREAM (clamd(8)). Anything but the two verdicts is no verdict.
 *
 * @throws ScannerUnavailableError
 */
export function parseScanAnswer(answer: string): ScanAnswer {
  if (answer === "stream: OK") return { verdict: "clean" };
  const [, name] = /^stream: ([\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?) FOUND$/.exec(answer) ?? [];
  if (name !== undefined) return { verdict: "infected", name };
  if (answer === "INSTREAM size limit exceeded. ERROR")
    throw new ScannerUnavailableError(
      "too-large",
      "clamd takes no stream of this size: its StreamMaxLength is lower than scanner.maxSizeBytes.",
    );
  throw new ScannerUnavailableError("failed", `clamd answered ${JSON.stringify(answer.slice(0, 200))}.`);
}
