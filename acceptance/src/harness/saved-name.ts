/** The name that a browser saves under: RFC 6266, RFC 8187. */
export function savedName(disposition: string): string {
  const extended = /filename\*=UTF-8''([^;]*)/i.exec(disposition)?.[1];
  if (extended !== undefined) return decodeURIComponent(extended);
  return (/filename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1] ?? "").replaceAll(/\\(.)/g, "$1");
}

/** Controls, slashes and marks that turn the direction of text. */
export const unsafeCharactersOf = (name: string): string[] =>
  [...name].filter((character) => {
    const code = character.codePointAt(0) ?? 0;
    const turnsDirection = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return code < 0x20 || code === 0x7f || turnsDirection || character === "/" || character === "\\";
  });
