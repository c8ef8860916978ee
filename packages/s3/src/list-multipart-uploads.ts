import { type MultipartPosition, type OpenMultipart, StoreUnavailableError } from "@stowage/core";
import { decodeKey } from "./list-objects.ts";
import { assertKeyPrefix } from "./object-key.ts";
import { readAnswerElement } from "./read-answer-element.ts";
import type { XmlElement } from "./read-xml.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

export interface MultipartsRequest {
  readonly prefix: string;
  readonly after?: MultipartPosition;
  readonly limit: number;
}

export interface MultipartsPage {
  readonly items: readonly OpenMultipart[];
  readonly next?: MultipartPosition;
}

/** A page of 1000 uploads of keys of 1024 bytes, each percent-encoded. */
const largestAnswerBytes = 8 * 1024 * 1024;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html, one page. */
export function createListMultipartUploads({ send, retry }: { send: S3Send; retry: Retry }) {
  return async (list: MultipartsRequest): Promise<MultipartsPage> => {
    assertKeyPrefix(list.prefix);
    if (!Number.isInteger(list.limit) || list.limit < 1 || list.limit > 1000)
      throw new RangeError("limit must be a whole number from 1 to 1000");
    const what = `list the multipart uploads of ${list.prefix}`;
    return retry(async () => {
      const answer = await send({
        method: "GET",
        query: {
          uploads: "",
          "encoding-type": "url",
          prefix: list.prefix,
          "max-uploads": String(list.limit),
          ...(list.after === undefined
            ? {}
            : { "key-marker": list.after.key, "upload-id-marker": list.after.storeUploadId }),
        },
      });
      if (answer.kind === "refused") throw refused(what, answer.error);
      return readMultipartsPage(what, await readText(answer.answer, largestAnswerBytes, what), list);
    });
  };
}

/** @throws StoreUnavailableError for what is no page of this list */
function readMultipartsPage(
  what: string,
  body: string,
  { prefix, after }: MultipartsRequest,
): MultipartsPage {
  const unreadable = (reason: string) =>
    new StoreUnavailableError(`${what}: the store's answer can't be read: ${reason}`);
  const root = readAnswerElement(what, body, "ListMultipartUploadsResult");
  const isEncoded = root.text("EncodingType") === "url";
  const items = root.children("Upload").map((element) => {
    const item = readMultipart(element, isEncoded);
    if (item === undefined) throw unreadable("an upload has no key, id or date");
    if (!item.key.startsWith(prefix)) throw unreadable("an upload has another prefix");
    return item;
  });
  const isTruncated = root.text("IsTruncated");
  if (isTruncated === "false") return { items };
  if (isTruncated !== "true") throw unreadable("it does not say whether it ends");
  const last = items.at(-1);
  // Whoever pages by what does not move on never ends.
  if (last === undefined || (last.key === after?.key && last.storeUploadId === after.storeUploadId))
    throw unreadable("a page that is not the last leads nowhere");
  return { items, next: { key: last.key, storeUploadId: last.storeUploadId } };
}

function readMultipart(element: XmlElement, isEncoded: boolean): OpenMultipart | undefined {
  const rawKey = element.text("Key");
  const key = rawKey !== undefined && isEncoded ? decodeKey(rawKey) : rawKey;
  const storeUploadId = element.text("UploadId");
  const initiatedAtMs = Date.parse(element.text("Initiated") ?? "");
  if (!key || !storeUploadId || Number.isNaN(initiatedAtMs)) return undefined;
  return { key, storeUploadId, initiatedAtMs };
}
