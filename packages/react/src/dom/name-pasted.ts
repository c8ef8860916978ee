/** What browsers call a picture of the clipboard: it says nothing. */
const browsersName = /^image(?=\.\w+$)/;

/** `Pasted 2026-11-25 at 12.53.10.png`, by the person's own clock; a file that was copied keeps its name. */
export const namePasted = ({ name }: File, now = new Date()): string =>
  // Swedes write their own time as ISO 8601 does.
  name.replace(browsersName, `Pasted ${now.toLocaleString("sv").replace(" ", " at ").replaceAll(":", ".")}`);
