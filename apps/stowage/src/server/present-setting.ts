import { withoutSecret } from "./issuers/configured-issuer.ts";
import { profilesAsSetting } from "./profiles/parse-profiles.ts";
import { type Configuration, type Setting, type SettingKey, settings } from "./settings.ts";

/** A setting's value as the file has it; but for secrets, of which is shown at most that they are set. */
export function presentSetting(key: SettingKey, values: Configuration): unknown {
  if (key === "issuers") return values.issuers.map(withoutSecret);
  if (key === "profiles") return profilesAsSetting(values.profiles);
  return isSecret(key) && values[key] !== settings[key].default ? "(set)" : values[key];
}

/** Whether it is nothing but a secret. (Of other issuers only parts are.) */
export const isSecret = (key: SettingKey): boolean =>
  key !== "issuers" && (settings[key] as Setting<unknown>).isSecret === true;
