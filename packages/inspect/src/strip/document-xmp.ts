/** Schemas of what a document says of itself: what it is called, who wrote it and by which program, when, and which standard it keeps. */
const documentSchemas: ReadonlySet<string> = new Set([
  "adobe:ns:meta/",
  "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  "http://www.w3.org/XML/1998/namespace",
  "http://purl.org/dc/elements/1.1/",
  "http://ns.adobe.com/xap/1.0/",
  "http://ns.adobe.com/xap/1.0/mm/",
  "http://ns.adobe.com/xap/1.0/rights/",
  "http://ns.adobe.com/xap/1.0/t/pg/",
  "http://ns.adobe.com/xap/1.0/g/",
  "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
  "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
  "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
  "http://ns.adobe.com/xap/1.0/sType/Font#",
  "http:ns.adobe.com/xap/1.0/sType/Font#",
  "http://ns.adobe.com/pdf/1.3/",
  "http://ns.adobe.com/pdfx/1.3/",
  "http://www.npes.org/pdfx/ns/id/",
  "http://www.aiim.org/pdfa/ns/id/",
  "http://www.aiim.org/pdfa/ns/id.html",
  "http://www.aiim.org/pdfa/ns/extension/",
  "http://www.aiim.org/pdfa/ns/schema#",
  "http://www.aiim.org/pdfa/ns/property#",
  "http://www.aiim.org/pdfa/ns/type#",
  "http://www.aiim.org/pdfa/ns/field#",
  "http://www.aiim.org/pdfua/ns/id/",
  "http://ns.adobe.com/AcrobatAdhocWorkflow/1.0/",
  "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
  "urn:zugferd:pdfa:CrossIndustryDocument:invoice:1p0#",
  "urn:zugferd:pdfa:CrossIndustryDocument:invoice:2p0#",
]);

/** Names of elements and attributes that tell of a place, whatever schema they claim. */
const placeName =
  /[<:\s][\w.-]{0,80}(?:gps|geo|latitude|longitude|altitude|location|city|coverage)[\w.-]{0,80}\s{0,80}[=>/]/i;

/**
 * Whether XMP (ISO 16684-1) says nothing but what a document says of itself, by the schemas that it declares. Cameras, phones and
 * picture editors have others: of what they saw, where, and with which device.
 */
export function isDocumentXmp(bytes: Uint8Array): boolean {
  const text = textOf(bytes);
  if (text === undefined || placeName.test(text)) return false;
  const schemas = [...text.matchAll(/\bxmlns(?::[^\s=]*)?\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
  const declared = text.match(/\bxmlns\b/g) ?? [];
  return (
    schemas.length > 0 &&
    schemas.length === declared.length &&
    schemas.every(([, double, single]) => documentSchemas.has(double ?? single ?? ""))
  );
}

/** In UTF-8, which the other encodings that XMP may have are never valid as, or are full of zeros. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** All XMP is RDF, and says so by its schema; in an encoding of one, two or four bytes a character. */
const rdfSchema = "/22-rdf-syntax-ns#";
const rdfSchemas = ["", "\0", "\0\0\0"].map((between) => Buffer.from([...rdfSchema].join(between)));

/** Whether there is XMP in something, in any encoding. */
export const hasXmp = (bytes: Buffer): boolean => rdfSchemas.some((schema) => bytes.includes(schema));

/** Whether something that has XMP is nothing else: a packet, by the element that it begins with, whatever its encoding. */
export const isXmp = (bytes: Buffer): boolean =>
  /^[\s\xef\xbb\xbf\xfe\xff]*(?:<\?xml\s[^>]*\?>\s*)?<(?:\?xpacket\b|[\w.-]{1,40}:(?:xmpmeta|xapmeta|RDF)\b)/.test(
    bytes.toString("latin1").replaceAll("\0", ""),
  );

/** Whether all XMP in something else, a form or a program's data, is what documents say of themselves. */
export function isXmpWithinOfDocument(bytes: Buffer): boolean {
  const text = textOf(bytes) ?? bytes.toString("latin1");
  const packets = text.match(/<rdf:RDF[\s>][\s\S]*?<\/rdf:RDF>/g) ?? [];
  return (
    packets.length > 0 &&
    packets.length === text.split(rdfSchema).length - 1 &&
    !rdfSchemas.slice(1).some((schema) => bytes.includes(schema)) &&
    packets.every((packet) => isDocumentXmp(Buffer.from(packet)))
  );
}
