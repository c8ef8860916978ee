import { type ActiveContent, activeContents } from "./inspection.ts";

/** As a member of an examination: in a fixed order, and absent where there is none. */
export function withActiveContent(found: ReadonlySet<ActiveContent>): {
  readonly activeContent?: readonly ActiveContent[];
} {
  return found.size === 0 ? {} : { activeContent: activeContents.filter((each) => found.has(each)) };
}
