import type { Profile } from "@stowage/core";
import { isLoopbackHost } from "../loopback.ts";
import { SettingError } from "../setting-error.ts";
import type { Configuration } from "../settings.ts";

/** What scans uploads for malware, as the settings say. Plain data: it is kept in `running.json` for other commands. */
export type ScannerChoice =
  | { readonly kind: "none" }
  | {
      readonly kind: "clamd";
      /** As in the setting. */
      readonly address: string;
      readonly maxSizeBytes: number;
      readonly timeoutSeconds: number;
      readonly connections: number;
    };

type ScannerSettings = Pick<
  Configuration,
  | "scanner"
  | "scanner.address"
  | "scanner.maxSizeBytes"
  | "scanner.timeoutSeconds"
  | "scanner.connections"
  | "profiles"
>;

/**
 * What scans. A server that strangers can reach must be told whether anything does.
 *
 * @throws SettingError where it was not told, or a profile takes what the scanner does not
 */
export function chooseScanner(configuration: ScannerSettings, publicUrl: string): ScannerChoice {
  const { scanner } = configuration;
  if (scanner === "auto" && !isLoopbackHost(new URL(publicUrl).hostname))
    throw new SettingError(
      `Under ${publicUrl} others can send files: say whether they are scanned for malware, with scanner=clamd (docs/scanning.md) or scanner=none.`,
    );
  if (scanner !== "clamd") return { kind: "none" };
  const maxSizeBytes = configuration["scanner.maxSizeBytes"];
  for (const profile of configuration.profiles) assertScannable(profile, maxSizeBytes);
  return {
    kind: "clamd",
    address: configuration["scanner.address"],
    maxSizeBytes,
    timeoutSeconds: configuration["scanner.timeoutSeconds"],
    connections: configuration["scanner.connections"],
  };
}

/** What can't be scanned could never be ready. */
function assertScannable({ name, maxSizeBytesByType }: Profile, scannerMaxSizeBytes: number): void {
  const [largest] = [...maxSizeBytesByType].sort(([, one], [, other]) => other - one);
  if (!largest || largest[1] <= scannerMaxSizeBytes) return;
  throw new SettingError(
    `The profile "${name}" takes ${largest[0]} of up to ${largest[1]} bytes, and scanner.maxSizeBytes is ${scannerMaxSizeBytes}: raise it, and StreamMaxLength, MaxFileSize and MaxScanSize in clamd.conf with it, or lower the profile's limit.`,
  );
}
