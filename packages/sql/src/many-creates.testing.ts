import { randomBytes } from "node:crypto";
import type { MetadataStore } from "@stowage/core";
import { createOf, newItem, newOwner } from "./database.testing.ts";

const uuid = (time: string): string => {
  const random = randomBytes(10).toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
};

/** With ids, keys and a ref as long, as random and as ordered as those of a running service. */
function likeInService() {
  const time = Date.now().toString(16).padStart(12, "0");
  const id = uuid(time);
  return newItem({
    id,
    fileId: uuid(time),
    ref: id,
    name: "IMG_0001.jpg",
    landingKey: `uploads/${randomBytes(16).toString("hex")}${time}`,
    storagePrefix: `files/${randomBytes(16).toString("hex")}${time}`,
  });
}

/** People with an id each as a running service gives them. */
export const manyOwners = (store: MetadataStore, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => newOwner(store, uuid(randomBytes(6).toString("hex")))));

/** Creates of one file each by so many people in one turn of the event loop, which share one transaction. */
export async function createTogether(store: MetadataStore, ownerIds: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(
    ownerIds.map((ownerId) => store.createUploads(createOf(ownerId, [likeInService()]))),
  );
  if (outcomes.flat().some(({ outcome }) => outcome !== "created")) throw new Error("not created");
}
