const dateAndTime = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short" });

/** A moment as people read it, in their own time zone. */
export const formatMoment = (rfc3339: string): string => dateAndTime.format(new Date(rfc3339));
