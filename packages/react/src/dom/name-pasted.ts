/** What browsers call a picture of the clipboard: it says nothing. */
const browsersName = /^image(\.\w+)$/;

/** `Pasted 2026-11-25 at 12.53.10.png`, by the person's own clock; a file that was copied keeps its name. */
export function namePasted({ name }: File, now = new Date()): string {
  const extension = browsersName.exec(name)?.[1];
  if (extension === undefined) return name;
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return `Pasted ${local.slice(0, 10)} at ${local.slice(11, 19).replaceAll(":", ".")}${extension}`;
}
