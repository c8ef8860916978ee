const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

const decodeEntities = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return entities.get(name ?? "") ?? whole;
    },
  );

/** What is between the tags of each element of this name, at any depth; elements of one name are never nested here. */
export const elementsOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?(?:/>|>([\\s\\S]*?)</${name}>)`, "g"))].map(
    ([, inner]) => inner ?? "",
  );

/** The texts of the elements of this name. */
export const textsOf = (xml: string, name: string): string[] => elementsOf(xml, name).map(decodeEntities);

/** The text of the first element of this name. */
export const textOf = (xml: string, name: string): string | undefined => textsOf(xml, name)[0];

export const rootOf = (xml: string): string | undefined => /^\s*(?:<\?xml[^>]*\?>)?\s*<(\w+)/.exec(xml)?.[1];

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
