import type { AbortSignalLike, FileSource, PartOf } from "../ports.ts";
import type { QueueRow, QueueStore } from "./queue-store.ts";

// Runs in Node and in pages alike: it needs neither's assertions.

export interface QueueStoreUnderTest<Source extends FileSource> {
  /** Opens an owner's queue: at the next call again the same, where it is durable. */
  open(owner: string): Promise<QueueStore<Source>>;
  /** A file to keep. */
  newSource(name: string, bytes: Uint8Array<ArrayBuffer>): Source | Promise<Source>;
  read(bytes: Source | PartOf<Source>): Promise<Uint8Array>;
  /** A file that is gone; left out where it is not read before it is sent. */
  newLostSource?(name: string): Source | Promise<Source>;
}

export interface QueueStoreCase {
  readonly name: string;
  /** Only for a store that is durable. */
  readonly needsDurable?: true;
  run<Source extends FileSource>(underTest: QueueStoreUnderTest<Source>, owner: string): Promise<void>;
}

const never: AbortSignalLike = {
  aborted: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};
const aborted: AbortSignalLike = { ...never, aborted: true };

/** The same for the same size, and no two places alike. */
export function bytesOf(sizeBytes: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  for (let index = 0; index < words.length; index += 1) words[index] = Math.imul(index + seed, 2654435761);
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

export const rowOf = (id: string, order: number, more: Partial<QueueRow> = {}): QueueRow => ({
  id,
  ref: `ref-${id}`,
  order,
  name: `${id}.jpg`,
  sizeBytes: 3,
  contentType: "image/jpeg",
  options: {},
  state: "saved",
  isKept: false,
  canRetry: false,
  ...more,
});

function assertSame(actual: unknown, expected: unknown, what: string): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== shouldBe) throw new Error(`${what}: is ${is}, and should be ${shouldBe}`);
}

function assertBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assertSame(actual.length, expected.length, `${what}, its length`);
  const differs = expected.findIndex((byte, index) => byte !== actual[index]);
  assertSame(differs, -1, `${what}, where it differs`);
}

async function assertThrows(doing: Promise<unknown>, code: string): Promise<void> {
  const thrown = await doing.then(
    () => ({ code: "nothing" }),
    (error: unknown) => error,
  );
  assertSame((thrown as { code?: unknown }).code ?? String(thrown), code, "what it throws");
}

const idsOf = async (store: QueueStore): Promise<string[]> => (await store.load()).map(({ id }) => id);

async function keepNew<Source extends FileSource>(
  { newSource }: QueueStoreUnderTest<Source>,
  store: QueueStore<Source>,
  id: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<QueueRow> {
  const source = await newSource(`${id}.jpg`, bytes);
  const row = rowOf(id, 1, { name: source.name, sizeBytes: source.sizeBytes, isKept: true });
  await store.write([row]);
  await store.keep(id, source, never);
  return row;
}

async function assertKept<Source extends FileSource>(
  { read }: QueueStoreUnderTest<Source>,
  store: QueueStore<Source>,
  row: QueueRow,
  bytes: Uint8Array,
): Promise<Source> {
  const source = await store.source(row);
  if (!source) throw new Error(`nothing is kept for ${row.name}`);
  assertBytes(await read(source), bytes, row.name);
  return source;
}

const sizes = [0, 1, 70_000, 5_000_001, 9_000_001];

/** What every QueueStore holds, over whatever it keeps its rows and bytes in; each with an owner of its own. */
export const queueStoreCases: readonly QueueStoreCase[] = [
  {
    name: "loads nothing where nothing was written",
    async run({ open }, owner) {
      assertSame(await (await open(owner)).load(), [], "rows");
    },
  },
  {
    name: "loads what was written, by order, every member",
    async run({ open }, owner) {
      const store = await open(owner);
      const full = rowOf("full", 2.5, {
        name: "../ein schönes Bild\u0000.jpg",
        options: { profile: "photos", albumId: "a", metadata: { __proto__x: "1", constructor: "2", ä: "" } },
        state: "failed",
        sha256: "00ff",
        uploadId: "u",
        fileId: "f",
        problem: { code: "network", detail: "No answer." },
        canRetry: true,
        mustEnd: true,
      });
      await store.write([rowOf("last", 10), rowOf("first", -1)]);
      await store.write([full]);
      assertSame(await store.load(), [rowOf("first", -1), full, rowOf("last", 10)], "rows");
    },
  },
  {
    name: "replaces a row, whole",
    async run({ open }, owner) {
      const store = await open(owner);
      await store.write([rowOf("a", 1, { uploadId: "u", mustEnd: true }), rowOf("b", 2)]);
      await store.write([rowOf("a", 3, { state: "paused" })]);
      assertSame(await store.load(), [rowOf("b", 2), rowOf("a", 3, { state: "paused" })], "rows");
    },
  },
  {
    name: "erases rows, and takes an id that is not there for none",
    async run({ open }, owner) {
      const store = await open(owner);
      await store.write([rowOf("a", 1), rowOf("b", 2), rowOf("c", 3)]);
      await store.erase(["c", "unknown", "a"]);
      await store.erase([]);
      assertSame(await idsOf(store), ["b"], "ids");
    },
  },
  {
    name: "writes a thousand rows at once",
    async run({ open }, owner) {
      const store = await open(owner);
      const rows = Array.from({ length: 1000 }, (_, index) => rowOf(`row-${index}`, 1000 - index));
      await store.write(rows);
      assertSame(await store.load(), rows.reverse(), "rows");
      await store.erase(rows.map(({ id }) => id));
      assertSame(await store.load(), [], "rows");
    },
  },
  ...sizes.map(
    (sizeBytes): QueueStoreCase => ({
      name: `gives back a kept file of ${sizeBytes} bytes, whole and in parts`,
      async run(underTest, owner) {
        const store = await underTest.open(owner);
        const bytes = bytesOf(sizeBytes);
        const row = await keepNew(underTest, store, "a", bytes);
        const source = await assertKept(underTest, store, row, bytes);
        assertSame(
          [source.name, source.sizeBytes, source.contentType],
          [row.name, sizeBytes, row.contentType],
          "what the source says of itself",
        );
        const partBytes = Math.ceil(sizeBytes / 3);
        for (let offset = 0; offset < sizeBytes; offset += partBytes) {
          const size = Math.min(partBytes, sizeBytes - offset);
          const part = (await source.part(offset, size)) as PartOf<typeof source>;
          assertSame(part.sizeBytes, size, "the part's size");
          assertBytes(await underTest.read(part), bytes.subarray(offset, offset + size), `part at ${offset}`);
          part.release?.();
        }
      },
    }),
  ),
  {
    name: "keeps files apart by their ids, and another in place of what was there",
    async run(underTest, owner) {
      const store = await underTest.open(owner);
      await keepNew(underTest, store, "a", bytesOf(5_000_000, 2));
      const b = await keepNew(underTest, store, "b", bytesOf(4000, 3));
      const a = await keepNew(underTest, store, "a", bytesOf(5000, 4));
      await assertKept(underTest, store, a, bytesOf(5000, 4));
      await assertKept(underTest, store, b, bytesOf(4000, 3));
      const large = await keepNew(underTest, store, "a", bytesOf(9_000_000, 5));
      await assertKept(underTest, store, large, bytesOf(9_000_000, 5));
      const small = await keepNew(underTest, store, "a", bytesOf(50, 6));
      await assertKept(underTest, store, small, bytesOf(50, 6));
    },
  },
  {
    name: "has no source where nothing was kept, or not all of it",
    async run(underTest, owner) {
      const store = await underTest.open(owner);
      const row = await keepNew(underTest, store, "a", bytesOf(10));
      assertSame((await store.source(rowOf("b", 1))) === undefined, true, "nothing kept");
      const larger = { ...row, sizeBytes: 11 };
      assertSame((await store.source(larger)) === undefined, true, "fewer bytes than the row says");
    },
  },
  ...[2000, 9_000_000].map(
    (sizeBytes): QueueStoreCase => ({
      name: `lets go of ${sizeBytes} bytes and keeps their row, erases both, and leaves the others`,
      async run(underTest, owner) {
        const store = await underTest.open(owner);
        const released = await keepNew(underTest, store, "released", bytesOf(sizeBytes));
        const erased = await keepNew(underTest, store, "erased", bytesOf(sizeBytes));
        const other = await keepNew(underTest, store, "other", bytesOf(sizeBytes));
        await store.release(["released", "unknown"]);
        await store.erase(["erased"]);
        for (const row of [released, erased])
          assertSame((await store.source(row)) === undefined, true, `no bytes of ${row.id}`);
        await assertKept(underTest, store, other, bytesOf(sizeBytes));
        assertSame((await idsOf(store)).sort(), ["other", "released"], "ids");
      },
    }),
  ),
  {
    name: "clears away bytes without a row when it loads, and no others",
    async run(underTest, owner) {
      const store = await underTest.open(owner);
      for (const [id, sizeBytes] of [
        ["small", 2000],
        ["large", 9_000_000],
      ] as const) {
        const row = await keepNew(underTest, store, id, bytesOf(sizeBytes));
        const orphan = { ...row, id: `${id}-orphan` };
        await store.keep(orphan.id, await underTest.newSource(row.name, bytesOf(sizeBytes)), never);
        await assertKept(underTest, store, orphan, bytesOf(sizeBytes));
        await store.load();
        assertSame((await store.source(orphan)) === undefined, true, `no bytes of ${orphan.id}`);
        await assertKept(underTest, store, row, bytesOf(sizeBytes));
      }
    },
  },
  {
    name: "keeps nothing once it is told to stop",
    async run(underTest, owner) {
      const store = await underTest.open(owner);
      const row = rowOf("a", 1, { sizeBytes: 2000 });
      await store.write([row]);
      const source = await underTest.newSource(row.name, bytesOf(2000));
      await assertThrows(store.keep("a", source, aborted), "aborted");
      assertSame((await store.source(row)) === undefined, true, "no bytes");
    },
  },
  {
    name: "says that a file can't be read, and keeps nothing of it",
    async run(underTest, owner) {
      if (!underTest.newLostSource) return;
      const store = await underTest.open(owner);
      const source = await underTest.newLostSource("lost.jpg");
      const row = rowOf("a", 1, { name: source.name, sizeBytes: source.sizeBytes });
      await store.write([row]);
      await assertThrows(store.keep("a", source, never), "file-unreadable");
      assertSame((await store.source(row)) === undefined, true, "no bytes");
      assertSame(await store.load(), [row], "rows");
    },
  },
  {
    name: "never gives one owner what is another's",
    async run(underTest, owner) {
      const [one, other] = [await underTest.open(owner), await underTest.open(`${owner} `)];
      const row = await keepNew(underTest, one, "a", bytesOf(2000));
      const large = await keepNew(underTest, one, "large", bytesOf(9_000_000));
      assertSame(await other.load(), [], "rows of the other");
      for (const each of [row, large])
        assertSame((await other.source(each)) === undefined, true, "bytes of the other");
      await other.erase(["a", "large"]);
      await assertKept(underTest, one, row, bytesOf(2000));
      await assertKept(underTest, one, large, bytesOf(9_000_000));
      assertSame((await idsOf(one)).sort(), ["a", "large"], "ids");
    },
  },
  {
    name: "is, with what is in it, whose it was first, and empty anybody's",
    async run(underTest, owner) {
      const store = await underTest.open(owner);
      assertSame(await store.claim("ann"), "ann", "of an empty one");
      assertSame(await store.claim("bob"), "bob", "of an empty one, later");
      const row = await keepNew(underTest, store, "a", bytesOf(2000));
      assertSame(await store.claim("ann"), "bob", "of one with rows");
      assertSame(await store.claim("bob"), "bob", "of one with rows, its person");
      assertSame(await store.load(), [row], "rows");
      await assertKept(underTest, store, row, bytesOf(2000));
      await store.erase(["a"]);
      assertSame(await store.claim("ann"), "ann", "of one that is empty again");
    },
  },
  {
    name: "is whose who comes first, where nobody was noted before there were rows",
    async run(underTest, owner) {
      const [store, other] = [await underTest.open(owner), await underTest.open(`${owner} `)];
      await store.write([rowOf("a", 1)]);
      assertSame([await store.claim("ann"), await store.claim("bob")], ["ann", "ann"], "person");
      assertSame(await other.claim("bob"), "bob", "person of another queue");
    },
  },
  {
    name: "is nobody's, where it has rows of before and nobody was noted",
    async run({ open }, owner) {
      const store = await open(owner);
      await store.write([rowOf("a", 5), rowOf("b", 7)]);
      assertSame(await store.claim("ann", Number.POSITIVE_INFINITY), undefined, "person, whenever rows came");
      assertSame(await store.claim("bob", 6), undefined, "person, with a row of before");
      assertSame(await store.claim("cat", 5), "cat", "person, with none of before");
      assertSame(await store.claim("dan", Number.POSITIVE_INFINITY), "cat", "person once somebody is noted");
    },
  },
  {
    name: "is of the same person when it is opened again",
    needsDurable: true,
    async run(underTest, owner) {
      const before = await underTest.open(owner);
      await before.write([rowOf("a", 1)]);
      await before.claim("ann");
      before.close();
      assertSame(await (await underTest.open(owner)).claim("bob"), "ann", "person");
    },
  },
  {
    name: "has rows and bytes when it is opened again",
    needsDurable: true,
    async run(underTest, owner) {
      const before = await underTest.open(owner);
      assertSame(before.isDurable, true, "isDurable");
      const row = await keepNew(underTest, before, "a", bytesOf(2000));
      const large = await keepNew(underTest, before, "large", bytesOf(9_000_000));
      before.close();
      const after = await underTest.open(owner);
      assertSame((await idsOf(after)).sort(), ["a", "large"], "ids");
      await assertKept(underTest, after, row, bytesOf(2000));
      await assertKept(underTest, after, large, bytesOf(9_000_000));
    },
  },
  {
    name: "shows two that have it open the same",
    needsDurable: true,
    async run(underTest, owner) {
      const [one, other] = [await underTest.open(owner), await underTest.open(owner)];
      const row = await keepNew(underTest, one, "a", bytesOf(2000));
      assertSame(await other.load(), [row], "rows");
      await assertKept(underTest, other, row, bytesOf(2000));
      await other.erase(["a"]);
      assertSame(await one.load(), [], "rows");
    },
  },
];
