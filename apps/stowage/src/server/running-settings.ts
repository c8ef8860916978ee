import { type ReadConfiguration, textOf } from "./configuration.ts";
import { isSecret, presentSetting } from "./present-setting.ts";
import { SettingError } from "./setting-error.ts";
import { type Configuration, type Setting, settingKeys, settings } from "./settings.ts";

/** Settings of a server that runs which are not the defaults, by key, as the file would have them; never a secret. */
export type RunningSettings = Readonly<Record<string, unknown>>;

/** What other commands may know of the settings that a server was started with, whether by its file or by `--set`. */
export const tellSettings = ({ values, sources }: ReadConfiguration): RunningSettings =>
  Object.fromEntries(
    settingKeys
      .filter((key) => sources.get(key) !== "default" && !isSecret(key))
      .map((key) => [key, presentSetting(key, values)]),
  );

/**
 * The configuration that a server runs with, as far as it told; secrets as the file has them now, or as they are by default. What
 * another version of Stowage told, and this one does not know, has its default.
 */
export function runningConfiguration(
  told: RunningSettings,
  ofFile: Configuration | undefined,
): Configuration {
  const values = settingKeys.map((key): [string, unknown] => {
    const setting: Setting<unknown> = settings[key];
    if (isSecret(key)) return [key, ofFile?.[key] ?? setting.default];
    return [key, Object.hasOwn(told, key) ? readTold(setting, told[key]) : setting.default];
  });
  return Object.fromEntries(values) as Configuration;
}

function readTold(setting: Setting<unknown>, value: unknown): unknown {
  try {
    return setting.parse(textOf(value));
  } catch (error) {
    if (error instanceof SettingError) return setting.default;
    throw error;
  }
}
