const maxShownCharacters = 80;

/**
 * Quotes text from outside for an error's message: at most 80 characters of it, with controls, bidi
 * marks and lone surrogates escaped, so that a message stays one harmless line in a terminal or a log.
 */
export function quoteForMessage(text: string): string {
  const characters = Array.from(text.slice(0, 2 * maxShownCharacters));
  const shown = characters.slice(0, maxShownCharacters).join("");
  const escaped = shown.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu, (character) =>
    character === '"' || character === "\\"
      ? `\\${character}`
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length < text.length ? `"${escaped}…"` : `"${escaped}"`;
}
