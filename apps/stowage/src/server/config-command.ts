import { resolve } from "node:path";
import { type Command, UsageError } from "../cli/command.ts";
import { readConfiguration } from "./configuration.ts";
import { presentSetting } from "./present-setting.ts";
import { SettingError } from "./setting-error.ts";
import { settingKeys, settings } from "./settings.ts";

export const configCommand: Command = {
  name: "config",
  synopsis: "[--data DIR] [--set KEY=VALUE]…",
  summary: "Print every setting, its value and where that comes from",
  description:
    'Settings stand in DIR/stowage.json, as {"limits.quotaBytes": 0}, and are overridden by --set of stowage up.',
  options: {
    data: { type: "string", argument: "DIR", help: "Data directory (default ./.stowage)" },
    set: {
      type: "string",
      multiple: true,
      argument: "KEY=VALUE",
      help: "Check a setting as stowage up would read it",
    },
  },
  positionals: { min: 0, max: 0 },
  run: async ({ options, cwd, json, out }) => {
    const data = options.get("data");
    const given = options.get("set");
    const { values, sources } = await readConfiguration(
      resolve(cwd, typeof data === "string" ? data : ".stowage"),
      Array.isArray(given) ? given.map(String) : [],
    ).catch((error: unknown) => {
      throw error instanceof SettingError ? new UsageError(error.message) : error;
    });
    for (const key of settingKeys) {
      const source = sources.get(key) ?? "default";
      const { help } = settings[key];
      const value = presentSetting(key, values);
      if (json) out(JSON.stringify({ key, value, source, help }));
      else out(`${key} = ${shown(value)}\n    ${help} (${source})`);
    }
    return 0;
  },
};

/** As `--set` takes it. */
function shown(value: unknown): string {
  if (typeof value !== "object") return String(value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.every((each) => typeof each === "string") ? value.join(",") : JSON.stringify(value);
}
