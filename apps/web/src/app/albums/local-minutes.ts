const twoDigits = (number: number): string => String(number).padStart(2, "0");

/** A moment as `<input type="datetime-local">` has it: the clock where one is, in minutes (HTML Standard, 2.3.5.5). */
export function localMinutes(moment: Date): string {
  const day = [moment.getFullYear(), twoDigits(moment.getMonth() + 1), twoDigits(moment.getDate())].join("-");
  return `${day}T${twoDigits(moment.getHours())}:${twoDigits(moment.getMinutes())}`;
}
