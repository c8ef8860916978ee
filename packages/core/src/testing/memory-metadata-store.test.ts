import { createManualClock, describeMetadataStore } from "../ports/metadata-store.contract.ts";
import { createMemoryMetadataStore } from "./memory-metadata-store.ts";

describeMetadataStore("the store in memory", async () => {
  const clock = createManualClock();
  return { store: createMemoryMetadataStore({ clock }), clock, close: async () => undefined };
});
