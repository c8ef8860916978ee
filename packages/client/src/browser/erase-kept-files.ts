import { eraseKept } from "./erase-kept.ts";
import { originOf } from "./origin-of.ts";

/**
 * Erases what a person keeps in this browser for reading offline, for who has no client of theirs any more.
 *
 * @param options - `server`: the API's origin. Default: the page's own
 */
export const eraseKeptFiles = ({
  server,
  person,
}: {
  readonly server?: string | undefined;
  readonly person: string;
}): Promise<void> => eraseKept(JSON.stringify([originOf(server), person]));
