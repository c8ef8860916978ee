const monthAndYear = new Intl.DateTimeFormat("en", { month: "long", year: "numeric" });

const startOfDay = (date: Date): number =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Under which heading a file stands that was added then: a day where it is near, else a month. Local time. */
export function dayGroup(addedAt: Date, now: Date): string {
  // Rounded: a day when clocks change has 23 or 25 hours.
  const daysAgo = Math.round((startOfDay(now) - startOfDay(addedAt)) / 86_400_000);
  if (daysAgo <= 0) return "Today";
  if (daysAgo === 1) return "Yesterday";
  if (daysAgo < 7) return "Earlier this week";
  return monthAndYear.format(addedAt);
}
