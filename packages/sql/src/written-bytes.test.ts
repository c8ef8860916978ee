import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { makeTestFolder, recordedStore } from "./database.testing.ts";
import { createTogether, manyOwners } from "./many-creates.testing.ts";

/** Of the write-ahead log (sqlite.org/fileformat.html#walformat): a page and its header. */
const frameBytes = 24 + 4096;

const people = 400;
const together = 50;
const sharedRounds = 20;
/** Which pages the rows come to lie on is chance: of few creates the mean strays. */
const aloneRounds = 100;

// What is written is what a create costs: a page is copied, summed, written, synced, and brought into the database.
test("a create writes some 16 pages of the log alone, and fewer than 3 where those of fifty people share a commit", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  const owners = await manyOwners(store, people);
  // Enough for the rows of different people to lie on different pages.
  for (let round = 0; round < 20; round += 1) await createTogether(store, owners);
  const pagesOf = async (rounds: number, write: (round: number) => Promise<void>): Promise<number> => {
    connection.all("PRAGMA wal_checkpoint(TRUNCATE)");
    for (let round = 0; round < rounds; round += 1) await write(round);
    return Math.floor(statSync(`${folder.file}-wal`).size / frameBytes) / rounds;
  };

  const alone = await pagesOf(aloneRounds, (round) => createTogether(store, owners.slice(round, round + 1)));
  assert.ok(alone <= 17, `${alone} pages`);
  const shared = await pagesOf(sharedRounds, (round) => {
    const first = (round * together) % people;
    return createTogether(store, owners.slice(first, first + together));
  });
  assert.ok(shared / together <= 2.9, `${shared / together} pages`);
  await store.close();
  folder.remove();
});
