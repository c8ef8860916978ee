import { readConfiguration } from "../configuration.ts";
import { SettingError } from "../setting-error.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, failed, ok } from "./diagnosis.ts";

/** The settings of the data directory's file; those that were given to `stowage up` are not known here. */
export async function checkConfiguration(
  dataDir: string,
): Promise<{ readonly diagnosis: Diagnosis; readonly configuration?: Configuration }> {
  const check = "configuration";
  try {
    const { values, sources } = await readConfiguration(dataDir, []);
    const count = [...sources.values()].filter((source) => source === "file").length;
    return {
      diagnosis: ok(check, count === 0 ? "Every setting has its default." : `stowage.json sets ${count}.`),
      configuration: values,
    };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return {
      diagnosis: failed(check, error.message, "Mend stowage.json; stowage config prints all settings."),
    };
  }
}
