import { existsSync } from "node:fs";

/** Debian's; no other place is looked at, so that a run says the same of a machine each time. */
export const chromiumPath = process.env.STOWAGE_CHROMIUM || "/usr/bin/chromium";

/** Why tests in a browser are left out, for `skip`; in the full suite, and where `STOWAGE_TEST_PARTS` is `required`, they are not, and fail. */
export const withoutChromium: string | false =
  !existsSync(chromiumPath) &&
  process.env.STOWAGE_TEST_LEVEL !== "full" &&
  process.env.STOWAGE_TEST_PARTS !== "required" &&
  `There is no Chromium at ${chromiumPath} (STOWAGE_CHROMIUM names another place): tests in a browser are left out.`;

export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
