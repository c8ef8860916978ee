/** What browsers call a picture of the clipboard: it says nothing. */
const browsersName = /^image\.(\w+)$/;

/** `Pasted 2026-11-25 at 12.53.10.png`, by the person's own clock; a file that was copied keeps its name. */
export function namePasted(file: File, now = new Date()): string {
  const extension = browsersName.exec(file.name)?.[1];
  if (extension === undefined) return file.name;
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(".");
  return `Pasted ${day} at ${time}.${extension}`;
}
