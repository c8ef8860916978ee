import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Decide, FaultProxyOptions } from "@stowage/fault-proxy";
import type { Browser, Page } from "playwright-core";
import { launchChromium, withoutChromium } from "../harness/chromium.ts";
import { downloadOriginal, listAll } from "../harness/files.ts";
import { makeJpeg } from "../harness/images.ts";
import { makeFolder, removeFolder } from "../harness/run-cli.ts";
import { type FaultyServer, startFaultyServer } from "../harness/start-faulty-server.ts";
import { sha256Of } from "../harness/transfer.ts";
import { makeVideo } from "../harness/videos.ts";
import { waitFor } from "../harness/wait-for.ts";
import { apiOf } from "../harness/web-page.ts";
import type { StoredFile, Upload } from "../harness/wire.ts";

type OnEnd = NonNullable<FaultProxyOptions["onEnd"]>;

/** A file on the disk, as a person has it. */
export interface Picked {
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A request that brought bytes to the store, or tried to. */
export interface SentPut {
  /** Of the object, without what signs it. */
  readonly path: string;
  /** 0 where the file goes as a whole. */
  readonly partNumber: number;
  /** Something befell it, or its sender went: it did not arrive. */
  readonly hasFailed: boolean;
}

export interface FailingSite {
  /** For the option of the same name of each test. */
  readonly skip: string | false;
  readonly faulty: FaultyServer;
  readonly browser: Browser;
  readonly folder: string;
  readonly web: string;
  /** Of all tests of the file, in their order. */
  readonly puts: readonly SentPut[];
  /** From now on this befalls requests, at both proxies; without a plan: nothing. */
  befall(decide?: Decide): void;
  /** So many PUTs arrive; each later one stands still when half of it has gone. Nothing befalls other requests. */
  holdAfter(putCount: number): void;
  /** A film that goes in five parts of 8 MiB. */
  layOutFilm(name: string): Promise<Picked>;
  /** A picture that goes in one PUT. */
  layOutPicture(name: string, seed?: number): Promise<Picked>;
  /** Who is signed in in this page has these files and no others, byte for byte, and no upload is open. */
  assertArrived(page: Page, files: readonly Picked[]): Promise<void>;
}

/** One server behind proxies that fail as they are told, and one Chromium, for all tests of a file. */
export function describeFailingSite(): FailingSite {
  let faulty: FaultyServer | undefined;
  let browser: Browser | undefined;
  let folder: string | undefined;
  let plan: Decide | undefined;
  /** Of the PUTs that `holdAfter` lets pass: the indexes of the requests, but of those that broke off. */
  const passed = new Set<number>();
  const puts: SentPut[] = [];
  const indexes = new Map<number, number>();
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("This suite has not started.");
    return value;
  };
  const decide: Decide = (request) => {
    const fault = plan?.(request);
    if (request.speaks === "s3" && request.method === "PUT") {
      const { pathname, searchParams } = new URL(request.path, "http://bucket");
      const partNumber = Number(searchParams.get("partNumber") ?? 0);
      const isSlow = typeof fault === "object" && fault.kind === "slow";
      indexes.set(request.index, puts.length);
      puts.push({ path: pathname, partNumber, hasFailed: fault !== undefined && !isSlow });
    }
    return fault;
  };
  const onEnd: OnEnd = ({ index, speaks }, isAnswered) => {
    const at = speaks === "s3" ? indexes.get(index) : undefined;
    const put = at === undefined ? undefined : puts[at];
    if (at !== undefined && !isAnswered) passed.delete(index);
    if (at !== undefined && put && !isAnswered) puts[at] = { ...put, hasFailed: true };
  };
  before(async () => {
    if (withoutChromium) return;
    browser = await launchChromium();
    folder = await makeFolder("failures");
    faulty = await startFaultyServer({ decide, onEnd });
  });
  after(async () => {
    await browser?.close();
    await faulty?.stop();
    if (folder !== undefined) await removeFolder(folder);
  });
  const layOut = async (name: string, bytes: Buffer): Promise<Picked> => {
    const path = join(there(folder), name);
    await writeFile(path, bytes);
    return { name, path, bytes, sha256: sha256Of(bytes) };
  };

  return {
    skip: withoutChromium,
    get faulty() {
      return there(faulty);
    },
    get browser() {
      return there(browser);
    },
    get folder() {
      return there(folder);
    },
    get web() {
      return there(faulty).server.web;
    },
    puts,
    befall(next) {
      plan = next;
    },
    holdAfter(putCount) {
      passed.clear();
      plan = ({ speaks, method, index }) => {
        if (speaks !== "s3" || method !== "PUT") return undefined;
        if (passed.size >= putCount) return "stall";
        passed.add(index);
        return undefined;
      };
    },
    layOutFilm: (name) => layOut(name, makeVideo(filmBytes)),
    layOutPicture: async (name, seed = 1) => layOut(name, await makeJpeg({ width: 640 + seed, height: 480 })),
    async assertArrived(page, expected) {
      const api = await apiOf(page, there(faulty).direct.api);
      const files = await waitFor("all files to be there", async () => {
        const found = await listAll<StoredFile>(api, "/v1/files");
        return found.length >= expected.length && found;
      });
      assert.deepEqual(
        files.map(({ name }) => name).sort(),
        expected.map(({ name }) => name).sort(),
        "each file once",
      );
      for (const { id, name } of files) {
        const { bytes } = await downloadOriginal(api, id);
        assert.equal(sha256Of(bytes), expected.find((file) => file.name === name)?.sha256, name);
      }
      const uploads = await listAll<Upload>(api, "/v1/uploads");
      assert.deepEqual(
        uploads.filter(({ state }) => state !== "aborted").map(({ state }) => state),
        expected.map(() => "ready"),
        "one upload for each, and it has ended",
      );
    },
  };
}

const filmBytes = 36_000_000;
