import { guestSteps, partsOfBound, smallestGuestStep } from "@stowage/core";

/** What is counted, and in which columns. */
const columns = { bytes: ["used_bytes", "reserved_bytes"], files: ["used_files", "open_uploads"] } as const;

type Counted = keyof typeof columns;

const takenBy = (counted: Counted, of: string): string =>
  `(${columns[counted].map((column) => `${of}.${column}`).join(" + ")})`;

/** Numbers are bound as they are in JavaScript: without the cast a division would have a fraction. */
const stepOf = (bound: string): string => `max(1, CAST(${bound} AS INTEGER) / ${partsOfBound})`;

const roundedUp = (taken: string, step: string): string => `((${taken} + ${step} - 1) / ${step} * ${step})`;

/** What the others of somebody's organisation (`o`) have, as it counts against a bound. */
export function othersCounted(counted: Counted, bound: string): string {
  const others = `(${takenBy(counted, "o")} - ${takenBy(counted, "principals")})`;
  return roundedUp(others, stepOf(bound));
}

function guestCounted(counted: Counted, of: string, bound: string): string {
  const [taken, smallest] = [takenBy(counted, of), smallestGuestStep[counted]];
  const cases = guestSteps.map(({ upTo, times }) =>
    upTo === Number.POSITIVE_INFINITY
      ? `ELSE ${times * smallest}`
      : `WHEN ${taken} <= ${upTo * smallest} THEN ${times * smallest}`,
  );
  return roundedUp(taken, `min(${stepOf(bound)}, CASE ${cases.join(" ")} END)`);
}

/** What all guests of a guest's host have, the other ones' as it counts against a bound, their own as it is. */
export const sumOfGuests = (counted: Counted, bound: string): string =>
  `((SELECT coalesce(sum(${guestCounted(counted, "g", bound)}), 0) FROM principals g INDEXED BY principals_by_host
    WHERE g.host_id = principals.host_id) - ${guestCounted(counted, "principals", bound)} + ${takenBy(counted, "principals")})`;

/** What a guest's host has, as it counts against a bound. */
export const hostCounted = (bound: string): string =>
  `(SELECT coalesce(sum(${roundedUp(takenBy("bytes", "h"), stepOf(bound))}), 0) FROM principals h WHERE h.id = principals.host_id)`;
