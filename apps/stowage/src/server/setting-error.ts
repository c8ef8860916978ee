/** A setting's value is not what it must be; the sentence says which and why. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}
