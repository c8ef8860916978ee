import { loadLater } from "../load-later.ts";

/** What a queue seldom needs. */
export const loadBeside = () => loadLater(() => import("../beside-uploading.ts"));
