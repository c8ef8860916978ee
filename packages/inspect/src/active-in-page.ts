import type { ActiveContent } from "./inspection.ts";
import { declaresCharactersAlone, valuesIn, type XmlAttribute, type XmlVisitor } from "./read-xml.ts";
import { styleRefersElsewhere } from "./style-references.ts";

/** A drawing by itself, of which everything but its own parts is elsewhere; or a page in a package, with other parts beside it. */
export type PageKind = "drawing" | "packaged";

/** Where no scheme is, a page's package has it; what climbs out of that is seen to by who unpacks it. */
export const isWithinPackage = (target: string): boolean =>
  /^(?:data:|(?!\/\/|[\\]|[a-z][a-z0-9+.-]*:))/i.test(target.trim());

const isWithinBy: Record<PageKind, (target: string) => boolean> = {
  drawing: (target) => /^(?:#|data:|$)/i.test(target.trim()),
  packaged: isWithinPackage,
};

/** Elements that are another document, or a program, in the page (of those that are ordinary in books none). */
const framed: Record<PageKind, ReadonlySet<string>> = {
  drawing: new Set([
    "foreignobject",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "audio",
    "video",
    "portal",
  ]),
  packaged: new Set(["applet", "portal"]),
};

/** Endings of what nobody takes for text in a book. */
export const mediaName =
  /\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?|ttf|otf|ttc|woff2?|mp3|mp4|m4[abv]|aac|ogg|og[av]|opus|webm|wav|pdf)$/i;

const scripts: ReadonlySet<string> = new Set(["script", "handler", "listener"]);
/** Of SMIL: they set other elements' attributes. */
const animations: ReadonlySet<string> = new Set([
  "set",
  "animate",
  "animatemotion",
  "animatetransform",
  "animatecolor",
]);
const animated: ReadonlySet<string> = new Set(["to", "from", "by", "values"]);
const styleElements: ReadonlySet<string> = new Set(["style"]);
const lowerLocalName = (name: string): string => name.trim().toLowerCase().split(":").at(-1) ?? "";
/** Links that a person follows. */
const links: ReadonlySet<string> = new Set(["a", "area"]);
/** In these nothing of what they show runs (SVG 2, section 2.7: secure static mode). */
const pictures: ReadonlySet<string> = new Set(["image", "feimage", "img"]);
/** Relations of HTML that are fetched; the others tell who wrote it, or under which licence. */
const fetchedRelation = /stylesheet|icon|preload|prefetch|preconnect|import|manifest/i;

/** Attributes that are addresses, each of the elements that have it; of all where none are named. */
const addresses = new Map<string, ReadonlySet<string> | undefined>([
  ["href", undefined],
  ["src", undefined],
  ["srcset", undefined],
  ["imagesrcset", undefined],
  ["ping", undefined],
  ["data", new Set(["object"])],
  ["poster", new Set(["video"])],
  ["background", new Set(["body", "table", "td", "th"])],
  ["action", new Set(["form"])],
  ["formaction", new Set(["button", "input"])],
]);

/**
 * What a page or a drawing would have a browser run or fetch (SVG 2, HTML). By local names: which prefix stands for what is
 * not looked up, so that an element of any language called `script` is one.
 */
export function createPageVisitor(kind: PageKind, found: Set<ActiveContent>): XmlVisitor {
  const isWithin = isWithinBy[kind];
  return {
    element(name, attributes) {
      const local = name.toLowerCase();
      if (scripts.has(local)) found.add("javascript");
      if (framed[kind].has(local)) found.add("embedded-files");
      if (local === "include") found.add("external");
      // Once for each element, however many attributes it has.
      const isFetched =
        local !== "link" || valuesIn(attributes, "rel").some((relation) => fetchedRelation.test(relation));
      const set = animations.has(local) ? valuesIn(attributes, "attributename").map(lowerLocalName) : [];
      if (set.some((name) => name.startsWith("on"))) found.add("javascript");
      const setsAddress = set.some((name) => name === "href" || name === "src");
      for (const attribute of attributes) {
        // Of no namespace, as those without a prefix are.
        if (/^on[a-z]+$/i.test(attribute.name)) found.add("javascript");
        if (attribute.name === "xml:base" && attribute.value.trim() !== "") found.add("external");
        if (styleRefersElsewhere(attribute.value, isWithin)) found.add("external");
        for (const target of targetsOf(local, attribute, setsAddress)) {
          for (const each of activeByAddress(local, target)) found.add(each);
          const name = attribute.local.toLowerCase();
          if ((links.has(local) && name !== "ping") || !isFetched || isWithin(target)) continue;
          found.add(name.endsWith("action") ? "submit" : "external");
        }
      }
      if (local === "meta" && valuesIn(attributes, "http-equiv").some((name) => /refresh/i.test(name)))
        found.add("external");
      if (kind === "packaged" && local === "item") {
        const properties = valuesIn(attributes, "properties").flatMap((value) => value.split(/\s+/));
        if (properties.includes("scripted")) found.add("javascript");
        if (properties.includes("remote-resources")) found.add("external");
        // A page or a style sheet that is called a picture is looked into as none.
        if (
          valuesIn(attributes, "media-type").some((type) => /css|xml|html|script/i.test(type)) &&
          valuesIn(attributes, "href").some((target) => mediaName.test(target.replace(/[?#].*$/s, "")))
        )
          found.add("javascript").add("external");
      }
    },
    textsOf: styleElements,
    text(text) {
      if (styleRefersElsewhere(text, isWithin)) found.add("external");
    },
    instruction(target, body) {
      if (target.toLowerCase() !== "xml-stylesheet") return;
      const [, address = ""] = /\shref\s*=\s*["']([^"']*)/.exec(` ${body}`) ?? [];
      if (kind === "drawing" || !isWithin(address)) found.add("external");
    },
    documentType(declaration) {
      if (!declaration.includes("[")) return;
      if (kind === "drawing") found.add("external");
      else if (!declaresCharactersAlone(declaration)) found.add("javascript").add("external");
    },
  };
}

/** The addresses in an attribute: most are none, some are several. */
function targetsOf(element: string, { local, value }: XmlAttribute, setsAddress: boolean): readonly string[] {
  const name = local.toLowerCase();
  if (animations.has(element) && animated.has(name)) return setsAddress ? value.split(";") : [];
  if (!addresses.has(name) || addresses.get(name)?.has(element) === false) return [];
  if (name === "ping") return value.split(/\s+/);
  return name.endsWith("srcset")
    ? value.split(/[\s,]+/).filter((each) => !imageDescriptor.test(each))
    : [value];
}

/** How wide or dense one of several pictures is, behind its address (HTML, section 4.8.4.2.1). */
const imageDescriptor = /^\d[\d.]{0,20}[xwh]$/;

function activeByAddress(element: string, target: string): readonly ActiveContent[] {
  // Browsers drop what is not seen before and within a scheme.
  const address = target.replace(/[\p{Cc}\s]+/gu, "").toLowerCase();
  if (/^(?:javascript|vbscript|livescript):/.test(address)) return ["javascript"];
  const data = /^data:([^;,]*)/.exec(address);
  if (!data || pictures.has(element)) return [];
  const [, type = ""] = data;
  return /^$|^image\/(?!svg)|^audio\/|^video\/|^font\/|^application\/(?:x-)?font|^application\/vnd\.ms-fontobject/.test(
    type,
  )
    ? []
    : ["embedded-files"];
}
