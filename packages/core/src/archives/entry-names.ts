import { nameForContent } from "../name-extension.ts";

/** Of what the archive says of itself. */
export const manifestName = "manifest.json";

/** Gives names within one archive: safe on any system, and no two that any takes for one. */
export interface EntryNames {
  nameFor(file: { readonly name: string; readonly contentType: string }): string;
}

/**
 * @param folder - below which they all are, with `/` at its end; none by default
 * @param reserved - names that are taken
 */
export function createEntryNames(folder = "", reserved: readonly string[] = []): EntryNames {
  const taken = new Set(reserved.map(fold));
  /** Where to go on counting: of thousands of one name none is tried twice. */
  const counts = new Map<string, number>();
  return {
    nameFor({ name, contentType }) {
      // Windows drops what is at the end.
      const safe = nameForContent(name, contentType).replace(/[. ]+$/u, "") || "_";
      let chosen = safe;
      for (let count = counts.get(fold(safe)) ?? 1; taken.has(fold(chosen)); ) {
        count += 1;
        counts.set(fold(safe), count);
        chosen = numbered(safe, count);
      }
      taken.add(fold(chosen));
      return `${folder}${chosen}`;
    },
  };
}

/** As systems compare names that tell neither case nor composition apart. */
const fold = (name: string): string => name.toUpperCase().toLowerCase().normalize("NFC");

/** `a.jpg` → `a (2).jpg` */
function numbered(name: string, count: number): string {
  const ending = /\.[^.\s]{1,32}$/u.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - ending.length);
  return `${stem || "_"} (${count})${ending}`;
}
