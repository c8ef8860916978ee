import { ApiError } from "../problems/api-error.ts";

/** Most ids that one list by ids takes. */
const maxIds = 200;

/** The ids of `?ids=a,b,c`, each once; at most 200. */
export function parseIds(ids: string): string[] {
  const wanted = [...new Set(ids.split(",").filter((id) => id !== ""))];
  if (wanted.length > maxIds)
    throw new ApiError("validation-failed", `/query/ids: At most ${maxIds} ids.`, {
      errors: [{ pointer: "/query/ids", detail: `At most ${maxIds} ids.` }],
    });
  return wanted;
}
