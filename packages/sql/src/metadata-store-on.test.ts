import { createManualClock, describeMetadataStore } from "@stowage/core/testing";
import { makeTestFolder, recordedStore } from "./database.testing.ts";

const randomSequences = process.env.STOWAGE_TEST_LEVEL === "quick" ? 5 : 50;

/** What survives a crash has its own tests: these need no syncs of the disk. */
async function create() {
  const { file, remove } = makeTestFolder();
  const clock = createManualClock();
  const { store, connection } = recordedStore(file, { clock });
  connection.exec("PRAGMA synchronous = OFF");
  return {
    store,
    clock,
    close: async () => {
      await store.close();
      remove();
    },
  };
}

describeMetadataStore("the store in SQLite", create, { randomSequences });
