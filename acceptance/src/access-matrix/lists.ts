import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { listAll } from "../harness/files.ts";
import type { CompleteBatchAnswer, DownloadsAnswer, Page } from "../harness/wire.ts";
import { askAs } from "./asking.ts";
import { lists, rightsTo, rightsToAlbum } from "./rule.ts";
import { admitted, type GetWorld, isTurnedAway, readers } from "./suite.ts";

/** Lists, searches and batches: the rule applied to everything that there is. */
export function describeLists(world: GetWorld): void {
  const whatOf = (id: string): string =>
    world().files.find((file) => file.id === id)?.what ?? `a file ${id} of nobody`;
  const whatsOf = (files: readonly { readonly id: string }[]): string[] =>
    files.map(({ id }) => whatOf(id)).sort();

  for (const [query, isListed] of lists)
    test(`the list of files by "${query}" is the rule applied to everything`, async () => {
      for (const viewer of readers(world())) {
        const found = await listAll<{ id: string }>(viewer.api, `/v1/files?${query}`, 2);
        const expected = world().files.filter((file) => isListed(viewer, file));
        assert.deepEqual(whatsOf(found), whatsOf(expected), viewer.name);
        await askAs(viewer, world().files, { method: "GET", path: `/v1/files?${query}` });
      }
    });

  test("the files of an album are the rule applied to everything, whichever way they are asked for", async () => {
    for (const viewer of readers(world()))
      for (const album of world().albums) {
        const expected = world().files.filter(
          ({ albums, state }) =>
            state === "ready" && albums.includes(album) && rightsToAlbum(viewer, album).has("list"),
        );
        for (const path of [`/v1/albums/${album.id}/files`, `/v1/files?albumId=${album.id}`]) {
          const answer = await askAs(viewer, world().files, { method: "GET", path });
          const asked = `${path} of ${album.name} by ${viewer.name}: ${answer.status} ${answer.text.slice(0, 200)}`;
          if (rightsToAlbum(viewer, album).has("list")) {
            assert.equal(answer.status, 200, asked);
            assert.deepEqual(
              whatsOf(await listAll<{ id: string }>(viewer.api, path, 2)),
              whatsOf(expected),
              asked,
            );
          } else assert.equal(answer.status, 404, asked);
        }
      }
  });

  test("the list of albums is those of which one is a member, with what is in them counted", async () => {
    for (const viewer of readers(world())) {
      if (viewer.cameBy) continue;
      const found = await listAll<{ id: string; count: number }>(viewer.api, "/v1/albums", 2);
      const expected = world().albums.filter((album) => rightsToAlbum(viewer, album).has("see"));
      const countOf = (album: (typeof expected)[number]) =>
        world().files.filter(
          ({ albums, state }) => albums.includes(album) && (state === "ready" || state === "sealed"),
        ).length;
      assert.deepEqual(
        found.map(({ id, count }) => [id, count]).sort(),
        expected.map((album) => [album.id, countOf(album)]).sort(),
        viewer.name,
      );
    }
  });

  test("a search for what a file is named or marked with finds it in its owner's own list alone", async () => {
    for (const viewer of readers(world()))
      for (const file of world().files) {
        const [value] = file.ownersMarks;
        for (const query of [`q=${file.name}`, ...(value ? [`metadata.mark=${value}`] : [])]) {
          const { body } = await viewer.api.get<Page<{ id: string }>>(`/v1/files?${query}`);
          const isFound = viewer.userId === file.ownerId && file.state === "ready";
          const asked = `${query} of ${file.what} by ${viewer.name}`;
          assert.deepEqual(
            body.items.map(({ id }) => id),
            isFound ? [file.id] : [],
            asked,
          );
        }
      }
  });

  test("files by their ids are those that one may read, in the order asked, with nothing of the others", async () => {
    for (const viewer of admitted(world())) {
      const { files } = world();
      const ids = [randomUUID(), ...files.map(({ id }) => id)].reverse();
      const answer = await askAs(viewer, files, { method: "GET", path: `/v1/files?ids=${ids.join(",")}` });
      if (isTurnedAway(answer.status, answer.text)) continue;
      const readable = files.filter((file) => rightsTo(viewer, file).has("read")).map(({ id }) => id);
      assert.deepEqual(
        (answer.body as Page<{ id: string }>).items.map(({ id }) => id),
        readable.reverse(),
        viewer.name,
      );
    }
  });

  test("downloads of several are decided one by one", async () => {
    for (const viewer of readers(world())) {
      const missing = randomUUID();
      const ids = [...world().files.map(({ id }) => id), missing];
      for (const derivative of ["original", "thumbnail", "preview", "no-such"]) {
        const json = { files: ids.map((id) => ({ id, derivative })) };
        const answer = await askAs(viewer, world().files, { method: "POST", path: "/v1/downloads", json });
        const { items } = answer.body as DownloadsAnswer;
        const ofNothing = items.at(-1)?.problem;
        assert.equal(ofNothing?.status, 404);
        for (const [index, file] of world().files.entries()) {
          const item = items[index];
          const asked = `${derivative} of ${file.what} by ${viewer.name}: ${JSON.stringify(item)}`;
          const mayRead = rightsTo(viewer, file).has("read");
          if (mayRead && file.state === "ready" && derivative !== "no-such")
            assert.ok(item?.request || item?.problem?.code === "derivative-pending", asked);
          else assert.deepEqual(item?.problem?.status, 404, asked);
          if (!mayRead) assert.deepEqual(item?.problem, ofNothing, asked);
        }
      }
    }
  });

  test("completions of several, and uploads by their ids, are their makers' alone", async () => {
    for (const viewer of admitted(world())) {
      if (world().files.some(({ ownerId }) => ownerId === viewer.userId)) continue;
      const ids = [...world().files.map(({ uploadId }) => uploadId), randomUUID()];
      const completed = await askAs(viewer, world().files, {
        method: "POST",
        path: "/v1/uploads/complete",
        json: { ids },
      });
      if (!isTurnedAway(completed.status, completed.text)) {
        const { items } = completed.body as CompleteBatchAnswer;
        const problems = new Set(items.map(({ problem }) => JSON.stringify(problem)));
        assert.equal(problems.size, 1, viewer.name);
      }
      for (const query of [`ids=${ids.join(",")}`, "", "state=ready", "state=pending"]) {
        const path = `/v1/uploads?${query}`;
        const { body, status, text } = await askAs(viewer, world().files, { method: "GET", path });
        if (isTurnedAway(status, text)) continue;
        const found = (body as Page<{ id: string }>).items.filter(({ id }) => ids.includes(id));
        assert.deepEqual(found, [], `${query} by ${viewer.name}`);
      }
    }
  });
}
