import { S3Error } from "./s3-error.ts";

export const malformedForm = (why: string): S3Error =>
  new S3Error(
    "MalformedPOSTRequest",
    `The body of your POST request is not well-formed multipart/form-data: ${why}.`,
  );

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of a form. Throws S3Error (MalformedPOSTRequest) for what is not UTF-8. */
export function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformedForm("it has text that is not UTF-8");
  }
}

/** A parameter's name, and its value as a token or in quotes (RFC 9110 section 5.6.6). */
const parameter = /;[ \t]*([a-z0-9*_-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))[ \t]*/giy;

/** The parameters of a header's value that come after `start`. Throws S3Error (MalformedPOSTRequest). */
function parametersOf(value: string, start: number): Map<string, string> {
  const parameters = new Map<string, string>();
  parameter.lastIndex = start;
  for (let at = start; at < value.length; at = parameter.lastIndex) {
    const match = parameter.exec(value);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || parameters.has(name))
      throw malformedForm("a header's parameters are malformed");
    // What old browsers send as a file's name may hold backslashes that escape nothing.
    parameters.set(name, match?.[2]?.replace(/\\(["\\])/g, "$1") ?? match?.[3] ?? "");
  }
  return parameters;
}

/** The boundary of a form's Content-Type (RFC 2046 section 5.1.1); `undefined` for any other type. */
export function formBoundary(contentType: string): string | undefined {
  const type = /^multipart\/form-data[ \t]*(?=;|$)/i.exec(contentType)?.[0];
  if (type === undefined) return undefined;
  const boundary = parametersOf(contentType, type.length).get("boundary");
  if (boundary === undefined || !/^[a-z0-9'()+_,\-./:=? ]{0,69}[a-z0-9'()+_,\-./:=?]$/i.test(boundary))
    throw malformedForm("its Content-Type has no boundary, or a malformed one");
  return boundary;
}

/** RFC 9110 section 5.5; neither folded nor with a space before the colon. */
const headerLine = /^[!#$%&'*+\-.^_`|~0-9a-z]+:[^\r\n\0]*$/i;

export interface PartHead {
  /** Of the form's field. */
  readonly name: string;
  /** As the browser names the file: without the folder. Empty where it has none. */
  readonly fileName: string;
}

/** The header lines of a part, without the empty one after them. Throws S3Error (MalformedPOSTRequest). */
export function parsePartHead(bytes: Buffer): PartHead {
  const lines = decodeText(bytes).split("\r\n");
  if (!lines.every((line) => headerLine.test(line))) throw malformedForm("a part's headers are malformed");
  const dispositions = lines.filter((line) => /^content-disposition:/i.test(line));
  const [line = ""] = dispositions;
  const value = line.slice(line.indexOf(":") + 1).trim();
  const type = /^form-data[ \t]*(?=;|$)/i.exec(value)?.[0];
  if (type === undefined || dispositions.length > 1) throw malformedForm("a part is not a field");
  const parameters = parametersOf(value, type.length);
  const name = parameters.get("name") ?? "";
  if (name === "") throw malformedForm("a field has no name");
  const fileName = parameters.get("filename") ?? "";
  return {
    name,
    fileName: fileName.slice(Math.max(fileName.lastIndexOf("/"), fileName.lastIndexOf("\\")) + 1),
  };
}
