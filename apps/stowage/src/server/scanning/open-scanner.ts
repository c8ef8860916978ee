import { type ClamdScanner, createClamdScanner, parseClamdAddress } from "@stowage/clamd";
import type { ScannerChoice } from "./choose-scanner.ts";

/** The scanner that was chosen; nothing where none was. Connects to nobody yet. */
export function openScanner(choice: ScannerChoice): ClamdScanner | undefined {
  if (choice.kind === "none") return undefined;
  const address = parseClamdAddress(choice.address);
  if (!address) throw new Error(`${choice.address} is no address of a clamd.`);
  return createClamdScanner({
    address,
    maxSizeBytes: choice.maxSizeBytes,
    connections: choice.connections,
    idleTimeoutMs: choice.timeoutSeconds * 1000,
    overallTimeoutMs: Math.max(30 * 60, 10 * choice.timeoutSeconds) * 1000,
  });
}
