import { createManualClock, describeMetadataStore } from "@stowage/core/testing";
import { makeTestFolder, recordedStore } from "./database.testing.ts";

// What survives a crash has its own tests: these need no disk, only what SQLite does.
describeMetadataStore("the store in SQLite", async () => {
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
});
