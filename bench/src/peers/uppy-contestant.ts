import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from "@aws-sdk/client-s3";
import { startFaultProxy } from "@stowage/fault-proxy";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { untilEndedOrStill } from "../load/until-still.ts";
import { type Contestant, type Finish, finishOf } from "../measures/contestant.ts";
import { startBehindProxies } from "../product/start-behind-proxies.ts";
import type { Stowage } from "../product/start-stowage.ts";
import { startCompanionSigner } from "./companion-signer.ts";

const bucketName = "stowage";
const prefix = "uppy/";
/** As often a person presses Retry. */
const mostPresses = 10;
/** So long a person looks at what stands still: longer than Uppy's own timeout. */
const patienceMs = 35_000;

/** Uppy in Chromium, a signer like Companion, and the product's bucket: as it ends by itself, and with a person at it. */
export const uppyContestant: Contestant = async (race) => {
  const page = await servePage();
  const { stowage, bucket, direct, stop } = await startBehindProxies(
    join(race.directory, "data"),
    race.decide,
    [`corsOrigins=${page.origin}`, "worker.concurrency=0"],
  );
  const signer = await startCompanionSigner({
    bucketUrl: bucket.url,
    bucket: bucketName,
    prefix,
    ...stowage.bucketCredentials(),
  });
  const companion = await startFaultProxy({ decide: race.decide, target: signer.url });
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] });
  try {
    const proxies = [companion, bucket];
    const tab = await browser.newPage();
    await tab.goto(page.origin);
    await tab.setInputFiles(
      "input",
      race.files.map(({ path }) => path),
    );
    const finish = async (client: string, ended: Parameters<typeof finishOf>[3]): Promise<Finish> => {
      const said = await tab.evaluate(() => window.arrived.length);
      return finishOf(client, race, proxies, ended, { said, there: await objects(direct.bucket, stowage) });
    };

    const send = tab.evaluate(([endpoint, limit]) => window.send(endpoint, limit), [
      companion.url,
      race.concurrency,
    ] as const);
    let ended = await untilEndedOrStill(send, proxies);
    const alone = await finish("Uppy 6.3.1", ended);
    let seconds = ended.seconds;
    let presses = 0;
    while ((ended.isHung || (await leftCount(tab)) > 0) && presses < mostPresses) {
      ended = await untilEndedOrStill(
        tab.evaluate(() => window.again()),
        proxies,
        patienceMs,
      );
      seconds += ended.seconds;
      presses += 1;
    }
    const helped = await finish(`Uppy 6.3.1, and a person who pressed Retry ${presses} times`, {
      ...ended,
      seconds,
    });
    return presses === 0 ? [alone] : [alone, helped];
  } finally {
    await browser.close();
    await companion.close();
    signer.stop();
    page.stop();
    await stop();
  }
};

const leftCount = (tab: Page): Promise<number> => tab.evaluate(() => window.leftCount());

/** The SHA-256 of each object that Uppy has sent. */
async function objects(endpoint: string, stowage: Stowage): Promise<string[]> {
  const client = new S3Client({
    region: "us-east-1",
    endpoint,
    forcePathStyle: true,
    credentials: stowage.bucketCredentials(),
  });
  const there: string[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page: ListObjectsV2CommandOutput = await client.send(
      new ListObjectsV2Command({ Bucket: bucketName, Prefix: prefix, StartAfter: after }),
    );
    const { Contents = [], IsTruncated } = page;
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key }));
      const hash = createHash("sha256");
      for await (const piece of Body as AsyncIterable<Uint8Array>) hash.update(piece);
      there.push(hash.digest("hex"));
    }
    after = IsTruncated ? Contents.at(-1)?.Key : undefined;
  }
  client.destroy();
  return there;
}

/** A page of an origin of its own with Uppy and an input for files. */
async function servePage(): Promise<{ readonly origin: string; stop(): void }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("uppy-page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
  });
  const html = `<!doctype html><title>Uppy</title><input type="file" multiple><script type="module">${outputFiles[0]?.text.replaceAll("</script", "<\\/script")}</script>`;
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const chromiumPath = (): string => {
  const path = process.env.STOWAGE_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) throw new Error(`There is no ${path}: STOWAGE_CHROMIUM may name a Chromium.`);
  return path;
};
