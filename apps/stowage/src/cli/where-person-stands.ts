import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout that this file is part of; of an installed package, some folder above it. */
const checkoutDir = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");

/**
 * The folder that relative paths mean. `npm run` changes into the checkout and leaves the person's own folder in
 * INIT_CWD; a program started elsewhere may have inherited that variable from a script further up, and stands where
 * it stands.
 */
export const wherePersonStands = (
  env: Readonly<Record<string, string | undefined>>,
  workingDir: string,
): string => (workingDir === checkoutDir && env.INIT_CWD ? env.INIT_CWD : workingDir);

/** How the person calls this program. */
export const programOf = (env: Readonly<Record<string, string | undefined>>): string => {
  if (env.npm_lifecycle_event === "npx") return "npx stowage";
  return env.npm_lifecycle_event === undefined ? "stowage" : "npm run -s stowage --";
};
