import { readConfiguration } from "../configuration.ts";
import { type RunningSettings, runningConfiguration, tellSettings } from "../running-settings.ts";
import { SettingError } from "../setting-error.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, failed, ok } from "./diagnosis.ts";

/**
 * The settings of the data directory's file, and those that a running server was started with: these are what is looked at then.
 * Of a stopped one those that were given to `stowage up` are not known.
 *
 * @param running as the server told; `undefined` where none runs
 */
export async function checkConfiguration(
  dataDir: string,
  running?: RunningSettings,
): Promise<{ readonly diagnosis: Diagnosis; readonly configuration?: Configuration }> {
  const check = "configuration";
  try {
    const read = await readConfiguration(dataDir, []);
    const count = [...read.sources.values()].filter((source) => source === "file").length;
    const ofFile = count === 0 ? "Every setting has its default." : `stowage.json sets ${count}.`;
    if (!running) return { diagnosis: ok(check, ofFile), configuration: read.values };
    const others = differing(running, tellSettings(read));
    const ofServer =
      others.length === 0
        ? ""
        : ` The server was started with other values of ${others.join(", ")}, which are looked at here.`;
    return {
      diagnosis: ok(check, ofFile + ofServer),
      configuration: runningConfiguration(running, read.values),
    };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return {
      diagnosis: failed(check, error.message, "Mend stowage.json; stowage config prints all settings."),
      ...(running ? { configuration: runningConfiguration(running, undefined) } : {}),
    };
  }
}

const differing = (one: RunningSettings, other: RunningSettings): string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]),
  );
