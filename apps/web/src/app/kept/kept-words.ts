import { formatMoment } from "../format/format-date.ts";
import type { KeptNow } from "./keeper.ts";

export const picturesWords = (count: number): string =>
  count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`;

/** Until when what is kept can be seen without the server. */
export const untilWords = (readableUntilMs: number): string =>
  `until ${formatMoment(new Date(readableUntilMs).toISOString())}`;

/** What an open page says of itself when its server is out of reach. */
export const stillSeenWords = ({ files, readableUntilMs }: KeptNow): string =>
  `${picturesWords(files)} ${files === 1 ? "is" : "are"} kept on this device and can be seen ${untilWords(readableUntilMs)}.`;
