import { type StoredPart, StoreUnavailableError } from "@stowage/core";
import { isNoSuchUpload } from "./no-such-upload.ts";
import { assertObjectKey } from "./object-key.ts";
import { readAnswerElement } from "./read-answer-element.ts";
import type { XmlElement } from "./read-xml.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/** A page of 1000 parts, with all checksums that there are. */
const largestAnswerBytes = 2 * 1024 * 1024;

/** S3's most parts of one upload, and of one page. */
const mostParts = 10_000;
const partsPerPage = 1000;

const base64Sha256 = /^[A-Za-z0-9+/]{43}=$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html, page after page. */
export function createListParts({ send, retry }: { send: S3Send; retry: Retry }) {
  return async ({
    key,
    storeUploadId,
  }: {
    key: string;
    storeUploadId: string;
  }): Promise<readonly StoredPart[] | undefined> => {
    assertObjectKey(key);
    const what = `list the parts of ${key}`;
    const parts: StoredPart[] = [];
    for (;;) {
      const after = parts.at(-1)?.partNumber ?? 0;
      const page = await retry(async () => {
        const answer = await send({
          method: "GET",
          key,
          query: {
            uploadId: storeUploadId,
            "max-parts": String(partsPerPage),
            ...(after === 0 ? {} : { "part-number-marker": String(after) }),
          },
        });
        if (answer.kind === "refused") {
          if (isNoSuchUpload(answer.error)) return undefined;
          throw refused(what, answer.error);
        }
        return readPartsPage(what, await readText(answer.answer, largestAnswerBytes, what), after);
      });
      if (page === undefined) return undefined;
      parts.push(...page.parts);
      if (!page.isTruncated) return parts;
    }
  };
}

/** @throws StoreUnavailableError for what is no such page, or whose parts don't go on from `after` */
function readPartsPage(
  what: string,
  body: string,
  after: number,
): { readonly parts: readonly StoredPart[]; readonly isTruncated: boolean } {
  const unreadable = (reason: string) =>
    new StoreUnavailableError(`${what}: the store's answer can't be read: ${reason}`);
  const root = readAnswerElement(what, body, "ListPartsResult");
  let previous = after;
  const parts = root.children("Part").map((element) => {
    const part = readPart(element);
    if (part === undefined) throw unreadable("a part has no number, size or ETag");
    if (part.partNumber <= previous || part.partNumber > mostParts)
      throw unreadable("its parts are out of order");
    previous = part.partNumber;
    return part;
  });
  const isTruncated = root.text("IsTruncated");
  if (isTruncated !== "true" && isTruncated !== "false") throw unreadable("it does not say whether it ends");
  if (isTruncated === "true" && parts.length === 0) throw unreadable("a page that is not the last is empty");
  return { parts, isTruncated: isTruncated === "true" };
}

function readPart(element: XmlElement): StoredPart | undefined {
  const number = element.text("PartNumber") ?? "";
  const size = element.text("Size") ?? "";
  const etag = element.text("ETag")?.replaceAll('"', "");
  if (!/^\d{1,5}$/.test(number) || !/^\d{1,15}$/.test(size) || etag === undefined || etag === "")
    return undefined;
  const checksum = element.text("ChecksumSHA256") ?? "";
  return {
    partNumber: Number(number),
    sizeBytes: Number(size),
    etag,
    ...(base64Sha256.test(checksum) ? { sha256: Buffer.from(checksum, "base64").toString("hex") } : {}),
  };
}
