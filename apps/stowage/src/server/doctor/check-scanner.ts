import { type ClamdScanner, type ClamdVersion, describeVersion } from "@stowage/clamd";
import { chooseScanner, type ScannerChoice } from "../scanning/choose-scanner.ts";
import { openScanner } from "../scanning/open-scanner.ts";
import { SettingError } from "../setting-error.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, failed, ok, sentenceOf, warning } from "./diagnosis.ts";

const check = "scanner";

const dayMs = 24 * 3600 * 1000;
/** New signatures come several times a day. */
const oldMs = 7 * dayMs;

/** Its silence for so long is consent to a size; its refusal comes at once. */
const consentMs = 500;

/** Of a scan of a few bytes: a person waits for it. */
const answerTimeoutSeconds = 15;

/** The file that every scanner finds (eicar.org). Of two pieces, so that none takes this one for it. */
const eicar: Uint8Array = Buffer.from(
  ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD", "-ANTIVIRUS-TEST-FILE!$H+H*"].join(""),
  "latin1",
);

/** The scanner of the server that runs, else the one that the settings would give it. */
export async function checkConfiguredScanner(
  configuration: Configuration,
  publicUrl: string,
  running: ScannerChoice | undefined,
  nowMs: number,
): Promise<Diagnosis> {
  try {
    return await checkScanner(running ?? chooseScanner(configuration, publicUrl), nowMs);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return failed(
      check,
      error.message,
      "Set it in stowage.json, or with --set of up, which can't be seen from here; docs/scanning.md says how.",
    );
  }
}

/** Whether the scanner is there, finds what it must find, takes what it is to be sent, and knows what is new. */
export async function checkScanner(choice: ScannerChoice, nowMs: number): Promise<Diagnosis> {
  const scanner = openScanner(
    choice.kind === "none" ? choice : { ...choice, timeoutSeconds: answerTimeoutSeconds },
  );
  if (!scanner || choice.kind === "none")
    return ok(
      check,
      "Nothing is scanned for malware, as each upload's timeline says (scanner is none or auto).",
    );
  let version: ClamdVersion;
  try {
    version = await scanner.version();
    if (!(await finds(scanner)))
      return failed(
        check,
        `${describeVersion(version)} at ${choice.address} does not find the EICAR test file.`,
        "Let freshclam fetch the signatures, and restart clamd; look into its log.",
      );
    if (!(await scanner.takesMaxSize(consentMs)))
      return failed(
        check,
        `clamd takes no file of scanner.maxSizeBytes = ${choice.maxSizeBytes}: what is larger than it takes is never ready.`,
        "Raise StreamMaxLength in clamd.conf (MaxFileSize and MaxScanSize too), and restart clamd.",
      );
  } catch (error) {
    return failed(
      check,
      `No upload can be ready, since the scanner gives no answer: ${sentenceOf(error)}`,
      `Start clamd (systemctl start clamav-daemon), let it listen where scanner.address says (${choice.address}), and let Stowage's account open that.`,
    );
  }
  return ofSignatures(version, choice.address, nowMs);
}

function ofSignatures(version: ClamdVersion, address: string, nowMs: number): Diagnosis {
  const { signaturesAtMs } = version;
  const sentence = `${describeVersion(version)} at ${address} finds the EICAR test file.`;
  const update = "Run freshclam from a timer (Debian's clamav-freshclam does), and look into its log.";
  if (signaturesAtMs === undefined)
    return warning(check, `${sentence} It has no daily signatures: what is new it does not know.`, update);
  if (nowMs - signaturesAtMs <= oldMs) return ok(check, sentence);
  const days = Math.floor((nowMs - signaturesAtMs) / dayMs);
  return warning(check, `${sentence} Its signatures are ${days} days old.`, update);
}

async function finds(scanner: ClamdScanner): Promise<boolean> {
  async function* body() {
    yield eicar;
  }
  const { verdict } = await scanner.scan(body(), { sizeBytes: eicar.byteLength });
  return verdict === "infected";
}
