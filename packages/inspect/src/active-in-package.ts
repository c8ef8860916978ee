import type { ActiveContent } from "./inspection.ts";
import { valuesIn, type XmlAttribute, type XmlVisitor } from "./read-xml.ts";

const hasScheme = (target: string): boolean => /^\s*[a-z][a-z0-9+.-]*:/i.test(target);
/** Programs drop what is not seen before and within a scheme. */
const isScript = (target: string): boolean =>
  /^(?:javascript|vbscript):/i.test(target.replace(/[\p{Cc}\s]+/gu, ""));
const isOnServer = (target: string): boolean => /^\s*(?:\/\/|\\\\)/.test(target);

/** What a part is to the one that refers to it: the last word of a relationship's type (ECMA-376 part 1, and Microsoft's MS-OFFMACRO2). */
const activeByRelationship = new Map<string, ActiveContent>([
  ["vbaproject", "macros"],
  ["wordvbadata", "macros"],
  ["xlmacrosheet", "macros"],
  ["xlintlmacrosheet", "macros"],
  ["control", "macros"],
  ["activexcontrolbinary", "macros"],
  ["attachedtoolbars", "macros"],
  ["oleobject", "embedded-files"],
  ["package", "embedded-files"],
  ["afchunk", "embedded-files"],
  // Other workbooks, DDE, and databases, which a workbook asks when it is opened or brought up to date.
  ["externallink", "external"],
  ["externallinkpath", "external"],
  ["connections", "external"],
  // An add-in that comes from a store when the document is opened.
  ["webextension", "external"],
]);

/** Of Office Open XML: where a part's references lead (ECMA-376 part 2, section 9.3), and what to. */
export function createRelationshipsVisitor(found: Set<ActiveContent>): XmlVisitor {
  return {
    element(name, attributes) {
      if (name.toLowerCase() !== "relationship") return;
      const types = valuesIn(attributes, "type").map(
        (type) => type.trim().toLowerCase().split("/").at(-1) ?? "",
      );
      const targets = valuesIn(attributes, "target");
      if (targets.some(isScript)) found.add("javascript");
      // Ordinary links are followed by whoever reads, and by nobody else.
      if (types.length > 0 && types.every((type) => type === "hyperlink")) return;
      const isExternal = valuesIn(attributes, "targetmode").some(
        (mode) => mode.trim().toLowerCase() === "external",
      );
      if (isExternal || targets.some((target) => hasScheme(target) || isOnServer(target)))
        found.add("external");
      for (const type of types) {
        const active = isExternal ? undefined : activeByRelationship.get(type);
        if (active) found.add(active);
      }
    },
    documentType: () => void found.add("external"),
  };
}

/** Of Office Open XML: what its parts are, whatever they are called (ECMA-376 part 2, section 10.1.2). */
export function createContentTypesVisitor(found: Set<ActiveContent>): XmlVisitor {
  return {
    element(_name, attributes) {
      const types = valuesIn(attributes, "contenttype");
      if (types.some((type) => /vbaproject|macrosheet|activex/i.test(type))) found.add("macros");
    },
  };
}

const fieldCode: ReadonlySet<string> = new Set(["instrtext", "delinstrtext"]);
const longestCode = 4096;

/** Of Word's and PowerPoint's parts: fields that ask for what is elsewhere (ECMA-376 part 1, 17.16), and clicks that run something. */
export function createOfficePartVisitor(found: Set<ActiveContent>): XmlVisitor {
  const fields = [""];
  const consider = (code: string): void => {
    if (/^\s*DDE(?:AUTO)?(?![a-z])/i.test(code)) found.add("launch");
    if (fetchingField.test(code) && /["\s](?:[a-z][a-z0-9+.-]+:|\\\\|\/\/)/i.test(code))
      found.add("external");
  };
  return {
    textsOf: fieldCode,
    element(name, attributes) {
      const local = name.toLowerCase();
      if (local === "fldsimple") for (const code of valuesIn(attributes, "instr")) consider(code);
      if (local === "fldchar") {
        const types = valuesIn(attributes, "fldchartype");
        if (types.includes("begin") && fields.length < deepestField) fields.push("");
        if (types.includes("end") && fields.length > 1) fields.pop();
      }
      if (!local.startsWith("hlink")) return;
      for (const action of valuesIn(attributes, "action")) {
        if (/^\s*ppaction:\/\/program/i.test(action)) found.add("launch");
        if (/^\s*ppaction:\/\/macro/i.test(action)) found.add("macros");
      }
    },
    text(text) {
      const field = fields.pop() ?? "";
      // What a field is stands at its beginning, which may be cut into many pieces.
      const code = field.length < longestCode ? field + text : field;
      fields.push(code);
      if (code !== field) consider(code);
    },
  };
}

/** Texts of formulas, of cells and elsewhere (ECMA-376 part 1, section 18). */
const formulas: ReadonlySet<string> = new Set(["f", "formula", "formula1", "formula2", "definedname"]);

/** Of Excel's parts: DDE, and functions that fetch what their addresses lead to. */
export function createWorkbookPartVisitor(found: Set<ActiveContent>): XmlVisitor {
  return {
    textsOf: formulas,
    element(name) {
      if (name.toLowerCase() === "ddelink") found.add("launch");
    },
    text(formula) {
      if (/(?<![\p{L}\p{N}_])(?:WEBSERVICE|IMAGE)\s*\(/iu.test(formula)) found.add("external");
    },
  };
}

const fetchingField = /^\s*(?:INCLUDE|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|RD|DATABASE)(?![a-z])/i;
const deepestField = 1000;

/** Addresses of what LibreOffice runs. */
const macroScheme = /^\s*(?:vnd\.sun\.star\.(?:script|expand)|macro|service|slot|\.uno):/i;
/** Addresses of what is in the document itself. */
const ownScheme = /^\s*(?:data|vnd\.sun\.star\.(?:graphicobject|package)|sdbc:embedded):/i;

/**
 * Of OpenDocument (version 1.3, part 3): what stands in any of its parts. By local names, as prefixes are anybody's choice.
 *
 * @param part - its name, by which it is known how far up the package goes
 * @param onEncrypted - told of parts that the manifest says are encrypted
 */
export function createOpenDocumentVisitor(
  part: string,
  found: Set<ActiveContent>,
  onEncrypted: () => void,
): XmlVisitor {
  const foldersAbove = part.split("/").length - 1;
  return {
    element(name, attributes) {
      const local = name.toLowerCase();
      if (local === "encryption-data") onEncrypted();
      if (local === "event-listener") {
        for (const active of activeByListener(attributes)) found.add(active);
      }
      if (local === "execute-macro" || local === "script") found.add("macros");
      if (local === "applet") found.add("embedded-files");
      // Of XForms.
      if (local === "submission") found.add("submit");
      if (local === "instance" && valuesIn(attributes, "src").some(hasScheme)) found.add("external");
      if (/^dde-(?:source|connection-decl)$/.test(local)) found.add("external");
      for (const { local: attribute, value } of attributes) {
        if (attribute.toLowerCase() !== "href") continue;
        const active = activeByHref(local, value, foldersAbove);
        if (active) found.add(active);
      }
    },
    documentType: (declaration) => {
      if (declaration.includes("[")) found.add("external");
    },
  };
}

/** Presentations have events that turn pages (19.430), in no language; all others run something. */
function activeByListener(attributes: readonly XmlAttribute[]): readonly ActiveContent[] {
  const actions = valuesIn(attributes, "action").map((action) => action.trim().toLowerCase());
  const isScript = ["language", "macro-name"].some((name) => valuesIn(attributes, name).length > 0);
  const isMacro =
    isScript || actions.length === 0 || actions.some((action) => action === "" || action === "execute-macro");
  return [
    ...(isMacro ? (["macros"] as const) : []),
    ...(actions.includes("execute") ? (["launch"] as const) : []),
  ];
}

function activeByHref(element: string, target: string, foldersAbove: number): ActiveContent | undefined {
  if (macroScheme.test(target)) return "macros";
  if (isScript(target)) return "javascript";
  // Links are for whoever reads. Programs write down which template was taken, as a path on that machine.
  if (element === "a" || element === "hyperlink-behaviour") return undefined;
  if (element === "template")
    return /^\s*(?:https?|ftp|smb|dav):|^\s*(?:\/\/|\\\\)/i.test(target) ? "external" : undefined;
  if (target.trim() === "" || ownScheme.test(target)) return undefined;
  if (element === "form") return "submit";
  const steps =
    /^\s*((?:\.?\.\/)*)/
      .exec(target)?.[1]
      ?.split("/")
      .filter((step) => step === "..").length ?? 0;
  const isElsewhere = hasScheme(target) || /^\s*[/\\]/.test(target) || steps > foldersAbove;
  return isElsewhere ? "external" : undefined;
}
