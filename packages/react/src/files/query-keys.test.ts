import assert from "node:assert/strict";
import { test } from "node:test";
import type { File } from "@stowage/client";
import { createBrowserUploader, createClient } from "@stowage/client/browser";
import { dehydrate, hydrate, QueryClient } from "@tanstack/react-query";
import { filesQuery } from "./file-queries.ts";

const server = "https://files.example.org";
const getToken = async () => "token";
type AnyClient = Parameters<typeof filesQuery>[0];

/** What `later` finds of what `earlier` has put into a cache that was kept, or came from a server. */
function findHydrated(earlier: AnyClient, later: AnyClient): readonly string[] | undefined {
  const [before, after] = [new QueryClient(), new QueryClient()];
  const items = [{ id: "1", name: "secret.jpg" } as File];
  before.setQueryData(filesQuery(earlier).queryKey, {
    pages: [{ items, nextCursor: null }],
    pageParams: [undefined],
  });
  hydrate(after, JSON.parse(JSON.stringify(dehydrate(before))));
  const pages = after.getQueryData(filesQuery(later).queryKey)?.pages;
  return pages?.flatMap((page) => page.items.map(({ name }) => name));
}

const clientOf = (person: string, origin = server) => {
  const client = createClient({ server: origin, getToken, person });
  client.close();
  return client;
};

test("a person finds their lists in a cache that was kept, or that a server has filled", () => {
  assert.deepEqual(findHydrated(clientOf("ann"), clientOf("ann")), ["secret.jpg"]);
  assert.deepEqual(findHydrated(clientOf("ann"), clientOf("ann", `${server}/`)), ["secret.jpg"]);
});

test("nobody else finds them, nor the same person at another server", () => {
  assert.equal(findHydrated(clientOf("ann"), clientOf("bob")), undefined);
  assert.equal(findHydrated(clientOf("ann"), clientOf("ann", "https://elsewhere.example.org")), undefined);
});

test("no client whose person is unknown finds what another has left, whichever program they are in", async () => {
  const uploader = () => createBrowserUploader({ server, getToken });
  assert.equal(findHydrated(uploader(), uploader()), undefined);
  // The same file as another module: what a program that starts anew has.
  const programs = ["one", "another"].map(
    (name): Promise<typeof import("./client-usage.ts")> => import(`./client-usage.ts?${name}`),
  );
  const ids = (await Promise.all(programs)).map(({ usageOf }) => usageOf(uploader()).id);
  assert.notEqual(ids[0], ids[1]);
});
