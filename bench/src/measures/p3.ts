import { join } from "node:path";
import { at } from "../load/at.ts";
import { type HttpConnection, openConnection, requestHead } from "../load/http-connection.ts";
import { filesPerAlbumFile, filesPerAlbumMate, fillFiles } from "../product/fill-files.ts";
import { type Stowage, startStowage } from "../product/start-stowage.ts";
import { startTokenIssuer } from "../product/token-issuer.ts";
import type { Amount, Bench, Measure } from "./measure.ts";

const fewFiles = 10_000;
const manyFiles = 1_000_000;

/** A page is this many times as slow as the same list's first page of few files at most. */
const most = 1.3;

/** Requests of each page in a round. */
const requestsPerRound = 500;

const subject = "owner";
const colleague = "colleague";

type Reader = typeof subject | typeof colleague;

interface List {
  /** Whose list it is. Default the owner's. */
  readonly of?: Reader;
  /** `ALBUM` stands for the album's id. */
  readonly query: string;
  readonly title: string;
  /** How many of so many files are in it; where it is a handful, there is one page. */
  readonly holds: (files: number) => number;
}

const ready = (files: number) => files - files / 50;

const lists: readonly List[] = [
  { query: "sort=created", title: "newest first", holds: ready },
  { query: "sort=taken", title: "by when they were taken", holds: ready },
  { query: "sort=name", title: "by name", holds: ready },
  { query: "type=image", title: "pictures, newest first", holds: () => -1 },
  {
    query: "type=video&sort=taken",
    title: "videos (1 in 1,000), by when they were taken",
    holds: (files) => files / 1000,
  },
  { query: "q=img", title: "found by `q=img` (half of them)", holds: () => -1 },
  { query: "q=beach", title: "found by `q=beach` (1 in 10)", holds: () => -1 },
  { query: "q=treasure", title: "found by `q=treasure` (one)", holds: () => 1 },
  {
    query: "metadata.album=7",
    title: `of one album by \`metadata.album=\` (1 in ${filesPerAlbumMate})`,
    holds: (files) => files / filesPerAlbumMate,
  },
  { query: "scope=trash", title: "the trash", holds: (files) => files / 50 },
  {
    of: colleague,
    query: "scope=organisation",
    title: "of the organisation, read by a colleague",
    holds: ready,
  },
  {
    of: colleague,
    query: "albumId=ALBUM",
    title: `of an album (1 in ${filesPerAlbumFile}), read by a member`,
    holds: (files) => files / filesPerAlbumFile,
  },
];

/** Pages of 50 files through the API, of somebody who has a million, against the same list's first page of somebody who has ten thousand. */
export const p3: Measure = {
  name: "p3",
  async run(bench) {
    const issuer = await startTokenIssuer();
    const organisation = "people";
    const tokens: Tokens = {
      owner: issuer.tokenOf(subject, { organisation }),
      colleague: issuer.tokenOf(colleague, { organisation }),
    };
    // Among few, there are more videos: a page of them must be as full as among many.
    const [few, many] = [
      await startFilled(bench, "few", issuer.setting, tokens, fewFiles, 100),
      await startFilled(bench, "many", issuer.setting, tokens, bench.rows ?? manyFiles, 1000),
    ];
    try {
      const amounts: Amount[] = [];
      for (const list of lists) amounts.push(...(await measureList(bench, list, few, many)));
      return amounts;
    } finally {
      await Promise.all([few.stop(), many.stop()]);
      issuer.stop();
    }
  },
};

type Tokens = Readonly<Record<Reader, string>>;

interface Filled {
  readonly files: number;
  /** Milliseconds until the answer was there, and the answer. */
  get(list: List, page?: string): Promise<{ readonly ms: number; readonly body: string }>;
  /** A server closes connections that are idle for long. */
  reconnect(): Promise<void>;
  stop(): Promise<void>;
}

async function startFilled(
  bench: Bench,
  name: string,
  issuer: string,
  tokens: Tokens,
  files: number,
  filesPerVideo: number,
): Promise<Filled> {
  const dataDir = join(bench.directory, name);
  const start = () => startStowage(dataDir, ["worker.concurrency=0", issuer]);
  const bearer = (reader: Reader) => ({ authorization: `Bearer ${tokens[reader]}` });
  const first: Stowage = await start();
  const connection = await openConnection(first.api);
  // Somebody has a row from their first request on.
  await connection.send({ head: requestHead("GET", `${first.api}/v1/me`, bearer(colleague)) });
  const albumId = await makeAlbum(connection, first.api, bearer(subject));
  connection.close();
  await first.stop();
  const startedMs = performance.now();
  fillFiles({
    databaseFile: join(dataDir, "stowage.sqlite"),
    subject,
    count: files,
    filesPerVideo,
    colleague,
    albumId,
  });
  bench.say(`P3: ${files} files written in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  const stowage = await start();
  let open: HttpConnection | undefined;
  return {
    files,
    async get({ of = subject, query: asked }, page = "") {
      open ??= await openConnection(stowage.api);
      const query = asked.replace("ALBUM", albumId) + page;
      const head = requestHead("GET", `${stowage.api}/v1/files?${query}`, bearer(of));
      const startMs = performance.now();
      const { status, body } = await open.send({ head, keepBody: true });
      const ms = performance.now() - startMs;
      if (status !== 200) throw new Error(`GET /v1/files?${query}: answered ${status} ${body}`);
      return { ms, body };
    },
    async reconnect() {
      open?.close();
      open = await openConnection(stowage.api);
    },
    stop: async () => {
      open?.close();
      await stowage.stop();
    },
  };
}

async function makeAlbum(
  connection: HttpConnection,
  api: string,
  authorization: { readonly authorization: string },
): Promise<string> {
  const body = Buffer.from(JSON.stringify({ name: "Album" }));
  const head = requestHead("POST", `${api}/v1/albums`, {
    ...authorization,
    "content-type": "application/json",
    "content-length": String(body.length),
  });
  const answer = await connection.send({ head, body, keepBody: true });
  if (answer.status !== 201) throw new Error(`POST /v1/albums: answered ${answer.status} ${answer.body}`);
  return (JSON.parse(answer.body) as { id: string }).id;
}

interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

/** Goes through all of a list, and picks pages that lie deep in it, and the last. */
async function walk(
  filled: Filled,
  list: List,
): Promise<{ readonly deep: readonly string[]; readonly last: string | undefined }> {
  const cursors: string[] = [];
  let cursor: string | null = null;
  let count = 0;
  do {
    const { body } = await filled.get(list, `&limit=200${cursor === null ? "" : `&cursor=${cursor}`}`);
    const page = JSON.parse(body) as Page;
    count += page.items.length;
    cursor = page.nextCursor;
    if (cursor !== null) cursors.push(cursor);
  } while (cursor !== null);
  const expected = list.holds(filled.files);
  if (expected >= 0 && count !== expected)
    throw new Error(`${list.query} holds ${count} files of ${expected}`);
  const every = Math.max(1, Math.floor(cursors.length / 100));
  return { deep: cursors.filter((_, index) => index % every === every - 1), last: cursors.at(-1) };
}

async function measureList(bench: Bench, list: List, few: Filled, many: Filled): Promise<Amount[]> {
  await many.reconnect();
  const { deep, last } = await walk(many, list);
  const behind = (cursor: string) => `&cursor=${cursor}`;
  const pages = [
    { title: "first page", pageOf: () => "" },
    ...(deep.length > 1
      ? [{ title: "a page deep in it", pageOf: (n: number) => behind(at(deep, n % deep.length)) }]
      : []),
    ...(last === undefined ? [] : [{ title: "last page", pageOf: () => behind(last) }]),
  ];
  await Promise.all([few.reconnect(), many.reconnect()]);
  const rounds = Array.from({ length: bench.rounds + 1 }, () => ({
    few: [] as number[],
    many: pages.map(() => [] as number[]),
  }));
  // Each behind one of the other server's, whose turn cools the processor's caches alike.
  for (const round of rounds)
    for (let request = 0; request < requestsPerRound; request += 1)
      for (const [index, { pageOf }] of pages.entries()) {
        round.few.push((await few.get(list)).ms);
        at(round.many, index).push((await many.get(list, pageOf(request))).ms);
      }
  // The first is thrown away.
  const counted = rounds.slice(1);
  return pages.flatMap(({ title }, index) =>
    [0.5, 0.99].map((share): Amount => {
      const name = `P3: 50 files, ${list.title}, ${title}, p${share * 100}`;
      const amounts = counted.map(
        (round) => quantile(at(round.many, index), share) / quantile(round.few, share),
      );
      const [ours, theirs] = [
        counted.flatMap((round) => at(round.many, index)),
        counted.flatMap((round) => round.few),
      ];
      bench.say(
        `${name}: ${quantile(ours, share).toFixed(2)} ms, against ${quantile(theirs, share).toFixed(2)} ms`,
      );
      return { name, peer: `its first page where there are ${few.files} files`, unit: "×", most, amounts };
    }),
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return at(sorted, Math.min(sorted.length - 1, Math.floor(sorted.length * share)));
}
