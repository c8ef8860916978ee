import { type ObjectHead, StoreUnavailableError } from "@stowage/core";
import { assertKeyPrefix } from "./object-key.ts";
import { readXml, type XmlElement } from "./read-xml.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

export interface ListRequest {
  readonly prefix: string;
  readonly after?: string;
  readonly limit: number;
}

export interface ListPage {
  readonly items: readonly ObjectHead[];
  readonly next?: string;
}

/** A page of 1000 keys of 1024 bytes, each percent-encoded, with all else that is said of them. */
const largestAnswerBytes = 8 * 1024 * 1024;

/** Pages in a row that may be empty though more follow, as S3 allows. */
const longestEmptyRun = 20;

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. A page goes on after a key
 * (`start-after`), not by a continuation token, so that it can be asked for at any time.
 */
export function createListObjects({ send, retry }: { send: S3Send; retry: Retry }) {
  const listOnce = async (list: ListRequest, continuation: string | undefined) => {
    const what = `LIST ${list.prefix}`;
    const answer = await send({
      method: "GET",
      query: {
        "list-type": "2",
        "encoding-type": "url",
        prefix: list.prefix,
        "max-keys": String(list.limit),
        ...(list.after === undefined ? {} : { "start-after": list.after }),
        ...(continuation === undefined ? {} : { "continuation-token": continuation }),
      },
    });
    if (answer.kind === "refused") throw refused(what, answer.error);
    return readListAnswer(await readText(answer.answer, largestAnswerBytes, what), list, what);
  };

  return async (list: ListRequest): Promise<ListPage> => {
    assertKeyPrefix(list.prefix);
    if (!Number.isInteger(list.limit) || list.limit < 1 || list.limit > 1000)
      throw new RangeError("limit must be a whole number from 1 to 1000");
    let continuation: string | undefined;
    for (let pages = 0; pages < longestEmptyRun; pages += 1) {
      const page = await retry(() => listOnce(list, continuation));
      const last = page.items.at(-1);
      if (!page.isTruncated) return { items: page.items };
      if (last !== undefined) return { items: page.items, next: last.key };
      continuation = page.continuation;
    }
    throw new StoreUnavailableError(`LIST ${list.prefix}: the store answered one empty page after another`);
  };
}

interface ReadPage {
  readonly items: readonly ObjectHead[];
  readonly isTruncated: boolean;
  readonly continuation: string | undefined;
}

/** @throws StoreUnavailableError for what is no page of this list */
export function readListAnswer(body: string, list: ListRequest, what: string): ReadPage {
  const unreadable = (reason: string, cause?: unknown) =>
    new StoreUnavailableError(`${what}: the store's answer can't be read: ${reason}`, { cause });
  let root: XmlElement;
  try {
    root = readXml(body.trim());
  } catch (cause) {
    throw unreadable("it is not XML", cause);
  }
  if (root.name !== "ListBucketResult") throw unreadable(`it is ${root.name.slice(0, 100)}`);
  const isEncoded = root.text("EncodingType") === "url";
  const items: ObjectHead[] = [];
  let previous = list.after;
  for (const element of root.children("Contents")) {
    const item = readItem(element, isEncoded);
    if (item === undefined) throw unreadable("an item has no key, size or date");
    // Whoever pages by keys that don't ascend misses some, or never ends.
    if (
      !item.key.startsWith(list.prefix) ||
      (previous !== undefined && compareBytes(item.key, previous) <= 0)
    )
      throw unreadable("its keys are out of order");
    items.push(item);
    previous = item.key;
  }
  const isTruncated = root.text("IsTruncated");
  if (isTruncated !== "true" && isTruncated !== "false") throw unreadable("it does not say whether it ends");
  return { items, isTruncated: isTruncated === "true", continuation: root.text("NextContinuationToken") };
}

function readItem(element: XmlElement, isEncoded: boolean): ObjectHead | undefined {
  const rawKey = element.text("Key");
  const key = rawKey !== undefined && isEncoded ? decodeKey(rawKey) : rawKey;
  const size = element.text("Size");
  const lastModifiedMs = Date.parse(element.text("LastModified") ?? "");
  if (key === undefined || key === "" || size === undefined || !/^\d{1,15}$/.test(size)) return undefined;
  if (Number.isNaN(lastModifiedMs)) return undefined;
  return { key, sizeBytes: Number(size), lastModifiedMs };
}

/** Percent-encoding with `+` for a space. */
export function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
