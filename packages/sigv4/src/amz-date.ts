const amzDatePattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/**
 * ISO 8601 basic format in UTC, `20130524T000000Z`; milliseconds are dropped.
 * Throws RangeError for an invalid date or a year outside 0–9999.
 */
export function formatAmzDate(date: Date): string {
  const iso = date.toISOString();
  if (iso.length !== 24) throw new RangeError("the signing date lies outside the years 0 to 9999");
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/** The date that `text` denotes, or undefined where it is not exactly what `formatAmzDate` writes. */
export function parseAmzDate(text: string): Date | undefined {
  const match = amzDatePattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // A day such as 31 February rolls over instead of failing, and 24:00:00 is the next day's midnight.
  return Number.isNaN(date.getTime()) || formatAmzDate(date) !== text ? undefined : date;
}
