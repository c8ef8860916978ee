import { access, stat } from "node:fs/promises";
import { bucketDirectory } from "../data-directory-places.ts";
import { readSecrets, type Secrets, secretsFile } from "../secrets.ts";
import { type Diagnosis, failed, ok, sentenceOf, skipped } from "./diagnosis.ts";

const check = "secrets";

const restore =
  "Put secrets.json of your backup back. Without its master key nobody can read what is stored.";

/** The master key's file: there, sound, and its owner's alone. */
export async function checkSecrets(
  dataDir: string,
): Promise<{ readonly diagnosis: Diagnosis; readonly secrets?: Secrets }> {
  const file = secretsFile(dataDir);
  let secrets: Secrets | undefined;
  try {
    secrets = await readSecrets(dataDir);
  } catch (error) {
    return { diagnosis: failed(check, sentenceOf(error), restore) };
  }
  if (!secrets) {
    const hasObjects = await access(bucketDirectory(dataDir)).then(
      () => true,
      () => false,
    );
    return {
      diagnosis: hasObjects
        ? failed(check, `${file} is missing, and there is a bucket that was sealed with it.`, restore)
        : skipped(check, "They are made by the first start."),
    };
  }
  if (process.platform !== "win32" && ((await stat(file)).mode & 0o077) !== 0)
    return {
      diagnosis: failed(
        check,
        "Other accounts of this machine may read secrets.json: the key to all that is stored.",
        `chmod 600 ${file}`,
      ),
      secrets,
    };
  return { diagnosis: ok(check, "secrets.json is sound, and its owner's alone."), secrets };
}
