import type { ObjectTag } from "../storage/object-file.ts";
import { malformedXml, membersOf, parseDocument } from "./parse-xml.ts";
import { S3Error } from "./s3-error.ts";

/*
 * S3's bounds of an object's tags, counted as there in UTF-16 units:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html. The letters, spaces and numbers of all
 * scripts, and these signs (the pattern of AWS's tagging APIs).
 */
const maxTags = 10;
const maxKeyLength = 128;
const maxValueLength = 256;
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const invalidTag = (message: string): S3Error => new S3Error("InvalidTag", message);

/** The tags, in their order; `undefined` where there are none. Throws S3Error (BadRequest for too many, InvalidTag). */
function checkTags(tags: readonly ObjectTag[]): readonly ObjectTag[] | undefined {
  if (tags.length > maxTags) throw new S3Error("BadRequest", `Object tags cannot be greater than ${maxTags}`);
  for (const [key, value] of tags) {
    if (key === "" || key.length > maxKeyLength || !allowed.test(key))
      throw invalidTag("The TagKey you have provided is invalid");
    if (key.startsWith("aws:")) throw invalidTag("System tags cannot be added/updated by requester");
    if (value.length > maxValueLength || !allowed.test(value))
      throw invalidTag("The TagValue you have provided is invalid");
  }
  return tags.length === 0 ? undefined : tags;
}

const hasTwice = (tags: readonly ObjectTag[]): boolean =>
  new Set(tags.map(([key]) => key)).size < tags.length;

const badHeader = (cause?: unknown): S3Error =>
  new S3Error(
    "InvalidArgument",
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    { cause },
  );

function decode(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch (cause) {
    throw badHeader(cause);
  }
}

/**
 * The tags in `x-amz-tagging`, which is written as a query is: `key=value&other=…`. `undefined` where there are none.
 * Throws S3Error (BadRequest, InvalidTag, InvalidArgument).
 */
export function tagsInHeader(amz: ReadonlyMap<string, string>): readonly ObjectTag[] | undefined {
  const header = amz.get("x-amz-tagging") ?? "";
  if (header === "") return undefined;
  if (!/^[\x20-\x7e]*$/.test(header)) throw badHeader();
  const tags = header.split("&").map((pair): ObjectTag => {
    const [key = "", ...value] = pair.split("=");
    return [decode(key), decode(value.join("="))];
  });
  if (hasTwice(tags)) throw badHeader();
  return checkTags(tags);
}

/** The tags in a `Tagging` document. Throws S3Error (BadRequest, InvalidTag, MalformedXML). */
export function tagsInDocument(body: Buffer): readonly ObjectTag[] | undefined {
  const [set, ...others] = parseDocument(body, "Tagging").children;
  if (set?.name !== "TagSet" || others.length > 0 || set.text.trim() !== "") throw malformedXml();
  const tags = set.children.map((element): ObjectTag => {
    const members = membersOf(element, ["Key", "Value"]);
    const [key, value] = [members.get("Key"), members.get("Value")];
    if (element.name !== "Tag" || key === undefined || value === undefined) throw malformedXml();
    return [key, value];
  });
  if (hasTwice(tags)) throw invalidTag("Cannot provide multiple Tags with the same key");
  return checkTags(tags);
}
