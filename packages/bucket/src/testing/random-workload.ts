import { createHash } from "node:crypto";
import { type ChosenPart, PartsRefusedError } from "../storage/complete-upload.ts";
import type { DiskStore, IncomingObject } from "../storage/disk-store.ts";
import { type IncomingPart, NoSuchUploadError } from "../storage/multipart-uploads.ts";
import { ObjectChangedError } from "../storage/object-names.ts";
import { ObjectExistsError } from "../storage/publish-object.ts";
import { asRemembered, type StoreHistory, type UploadHistory } from "./store-history.ts";
import { completeUpload } from "./stored-content.ts";

/** A generator with a known state, so that a failure can be had again: 0 ≤ random(n) < n. */
export type Random = (options: number) => number;

/** Park and Miller's. */
export function seededRandom(seed: number): Random {
  let state = (seed % 2_147_483_646) + 1;
  return (options) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % options;
  };
}

const md5 = (content: Buffer): string => createHash("md5").update(content).digest("hex");
const keys = ["uploads/aa1", "uploads/aa2", "uploads/bb1", "files/aa1", "files/cc1", "files/cc2", "k"];

let lastContent = 0;
/** Unlike any other; at times large enough to be written in several pieces. */
function newContent(random: Random): Buffer {
  lastContent += 1;
  const begin = `content ${lastContent} `;
  return Buffer.alloc(random(20) === 0 ? 300_000 + random(300_000) : begin.length + random(200), begin);
}

async function send(incoming: IncomingObject | IncomingPart, content: Buffer): Promise<void> {
  try {
    for (let at = 0; at < content.length; at += 65_536)
      await incoming.push(content.subarray(at, at + 65_536));
    await incoming.finish();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}

/** What a user may be told without anything being wrong. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | "refused"> {
  try {
    return await work;
  } catch (error) {
    if (
      error instanceof ObjectExistsError ||
      error instanceof ObjectChangedError ||
      error instanceof PartsRefusedError ||
      error instanceof NoSuchUploadError
    )
      return "refused";
    throw error;
  }
}

/**
 * One user of a store, who does `steps` things of all kinds to few keys, and to uploads that others began as well.
 * `history` learns of all of it.
 */
export async function useStore(
  store: DiskStore,
  history: StoreHistory,
  random: Random,
  steps: number,
): Promise<void> {
  const oneOf = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const anyKey = (): string => (random(6) === 0 ? `new/${random(40)}x` : oneOf(keys));

  const put = async (): Promise<void> => {
    const content = newContent(random);
    const etag = md5(content);
    history.contents.set(etag, content);
    const key = anyKey();
    const onlyIfAbsent = random(2) === 0;
    await history.changeKey(key, [etag], async () => {
      const about = { sizeBytes: content.length, withMd5: true, onlyIfAbsent };
      const incoming = await store.receive(key, about);
      await send(incoming, content);
      const published = await unlessRefused(incoming.publish({ contentType: "text/plain" }));
      return published === "refused" ? published : published.etag;
    });
  };

  const remove = async (): Promise<void> => {
    const key = anyKey();
    await history.changeKey(key, [undefined], async () => {
      await store.remove(key);
      return undefined;
    });
  };

  const copy = async (): Promise<void> => {
    const [from, to] = [oneOf(keys), anyKey()];
    const values = [...history.possible(from)].filter((value) => value !== undefined);
    const options = { onlyIfAbsent: random(2) === 0, accept: () => undefined };
    await history.changeKey(to, values, async () => {
      const copied = await unlessRefused(store.copy(from, to, options));
      return copied === "refused" || copied === undefined ? "refused" : asRemembered(copied);
    });
  };

  const tag = async (): Promise<void> => {
    const key = oneOf(keys);
    lastContent += 1;
    const value = String(lastContent);
    await history.tagKey(key, value, async () => {
      const tagged = await unlessRefused(store.setTags(key, [["tag", value]]));
      return tagged === "refused" || tagged === undefined ? "refused" : `${tagged.etag}#${value}`;
    });
  };

  const begin = async (): Promise<void> => {
    const key = anyKey();
    history.created(key, await store.uploads.create({ key, contentType: "text/plain" }));
  };

  const anyUpload = (): UploadHistory | undefined => {
    const ended = history.uploadsThatMustNotBe();
    const open = history.uploads.filter((upload) => !ended.includes(upload));
    return open.length === 0 ? undefined : oneOf(open.slice(-4));
  };
  const open = async ({ key, uploadId }: UploadHistory) => unlessRefused(store.uploads.find(key, uploadId));

  const sendPart = async (): Promise<void> => {
    const upload = anyUpload();
    if (!upload) return begin();
    const content = newContent(random);
    const etag = md5(content);
    history.contents.set(etag, content);
    const number = 1 + random(3);
    await history.changePart(upload, number, etag, async () => {
      const found = await open(upload);
      if (found === "refused") return found;
      const about = { sizeBytes: content.length, withMd5: true };
      const incoming = await store.uploads.receivePart(found, number, about);
      await send(incoming, content);
      return (await unlessRefused(incoming.publish())) === "refused" ? "refused" : etag;
    });
  };

  /** Of the parts as they were last heard of. */
  const complete = async (): Promise<void> => {
    const upload = anyUpload();
    if (!upload) return begin();
    const parts: ChosenPart[] = [...history.possibleParts(upload)]
      .sort(([a], [b]) => a - b)
      .flatMap(([number, etags]) => {
        const etag = [...etags].at(-1);
        return etag === undefined ? [] : { number, etag };
      });
    if (parts.length === 0) return sendPart();
    const etags = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex")));
    const etag = `${md5(etags)}-${parts.length}`;
    history.contents.set(
      etag,
      Buffer.concat(parts.map((part) => history.contents.get(part.etag) ?? Buffer.of())),
    );
    const onlyIfAbsent = random(3) === 0;
    await history.endUpload(upload, () =>
      history.changeKey(upload.key, [etag], async () => {
        const found = await open(upload);
        if (found === "refused") return found;
        const completed = await unlessRefused(completeUpload(store, found, parts, onlyIfAbsent));
        return completed === "refused" ? completed : completed.etag;
      }),
    );
  };

  const abort = async (): Promise<void> => {
    const upload = anyUpload();
    if (!upload) return begin();
    await history.endUpload(upload, async () => {
      const found = await open(upload);
      if (found === "refused") return found;
      return (await unlessRefused(store.uploads.abort(found))) === "refused" ? "refused" : undefined;
    });
  };

  const deeds = [
    put,
    put,
    put,
    remove,
    remove,
    copy,
    copy,
    tag,
    tag,
    begin,
    sendPart,
    sendPart,
    complete,
    complete,
    abort,
  ];
  for (let step = 0; step < steps; step += 1) await oneOf(deeds)();
}
