import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Chromium's program: the one that `STOWAGE_CHROMIUM` names, else where systems put it. */
export const chromiumPath: string | undefined =
  process.env.STOWAGE_CHROMIUM ?? usualPlaces.find((path) => existsSync(path));

/**
 * For the `skip` option of a test in a browser: the reason, or false. In the level `full`, and where `STOWAGE_TEST_PARTS` is `required`,
 * a missing Chromium is a failure, so there nothing is skipped, and `launchChromium` throws.
 */
export const withoutChromium: string | false =
  chromiumPath === undefined &&
  process.env.STOWAGE_TEST_LEVEL !== "full" &&
  process.env.STOWAGE_TEST_PARTS !== "required"
    ? "no Chromium is installed here (STOWAGE_CHROMIUM may name one)"
    : false;

export const chromiumFlags: readonly string[] = [
  // The tests may run as root, in a container, where Chromium's sandbox does not start.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export interface ChromiumOptions {
  /** Host names that are not in the DNS, and the address that each stands for: `photos.test` → `127.0.0.1`. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Certificates are trusted whose public key has this SHA-256 (base64): `--ignore-certificate-errors-spki-list`. */
  readonly trustedKeySha256?: string;
}

/**
 * Starts Chromium without a window, with a new profile that is thrown away at `close`.
 * @throws Error where there is none, with a sentence that says what to do.
 */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  if (chromiumPath === undefined || !existsSync(chromiumPath))
    throw new Error(
      `There is no Chromium at ${chromiumPath ?? "any usual place"}: install it (Debian: npm run test:setup), or name it in STOWAGE_CHROMIUM.`,
    );
  const { hosts = {}, trustedKeySha256 } = options;
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`);
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      ...chromiumFlags,
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(",")}`] : []),
      ...(trustedKeySha256 === undefined
        ? []
        : [`--ignore-certificate-errors-spki-list=${trustedKeySha256}`]),
    ],
  });
}
