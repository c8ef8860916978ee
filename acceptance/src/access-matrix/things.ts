import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Answer } from "../harness/api-client.ts";
import { addressOf, askAs, type Told, told } from "./asking.ts";
import { type AboutAlbum, type AboutFile, type AboutUpload, type Sink, sinks } from "./operations.ts";
import type { Viewer } from "./people.ts";
import { rightsTo, rightsToAlbum } from "./rule.ts";
import { type GetWorld, isNobody, isTurnedAway, splitOperation } from "./suite.ts";

type About = AboutFile | AboutUpload | AboutAlbum;

export const ofKind = <Kind extends Sink["kind"]>(kind: Kind) =>
  [...sinks].filter(
    (entry): entry is [string, Extract<Sink, { readonly kind: Kind }>] => entry[1].kind === kind,
  );

/** Every operation about one thing, asked by everybody of every thing, and of one that there is not. */
export function describeThings(world: GetWorld): void {
  const askAbout = (viewer: Viewer, operation: string, sink: About, id: string): Promise<Answer> => {
    const [method, path] = splitOperation(operation);
    const address = addressOf(path, { ...sink.parameters, id: () => id });
    const query = sink.queryParameter === undefined ? (sink.queryAlso ?? "") : `${sink.queryParameter}=${id}`;
    return askAs(viewer, world().files, {
      method,
      path: query === "" ? address : `${address}?${query}`,
      ...(sink.json ? { json: sink.json() } : {}),
    });
  };

  const askOfNothing = async (viewer: Viewer, operation: string, sink: About): Promise<Told> => {
    const missing = randomUUID();
    const ofNothing = told(await askAbout(viewer, operation, sink, missing), missing);
    const asked = `${operation} of nothing by ${viewer.name}: ${ofNothing.status} ${ofNothing.text}`;
    if (isNobody(viewer)) assert.equal(ofNothing.status, 401, asked);
    else assert.ok(isTurnedAway(ofNothing.status, ofNothing.text) || ofNothing.status === 404, asked);
    return ofNothing;
  };

  for (const [operation, sink] of ofKind("file"))
    test(`${operation} answers everybody as the rule says of every file`, async () => {
      for (const viewer of world().viewers) {
        const ofNothing = await askOfNothing(viewer, operation, sink);
        for (const file of world().files) {
          const answer = await askAbout(viewer, operation, sink, file.id);
          const asked = `${operation} of ${file.what} by ${viewer.name}: ${answer.status} ${answer.text.slice(0, 300)}`;
          const rights = isNobody(viewer) && !sink.isOpen ? new Set() : rightsTo(viewer, file);
          const isSealedOwn = file.state === "sealed" && file.ownerId === viewer.userId && !viewer.cameBy;
          if (sink.whenSealed !== undefined && isSealedOwn && !isTurnedAway(answer.status, answer.text))
            assert.equal(answer.status, sink.whenSealed, asked);
          else if (!rights.has("read")) assert.deepEqual(told(answer, file.id), ofNothing, asked);
          else if (!rights.has(sink.needs)) assert.ok(answer.status === (sink.refusedWith ?? 403), asked);
          else if (sink.isContent && file.state !== "ready") assert.equal(answer.status, 404, asked);
          // A token that lets one read may not let one write.
          else if (sink.needs === "read" || !isTurnedAway(answer.status, answer.text))
            assert.ok(sink.reached.includes(answer.status), asked);
        }
      }
    });

  for (const [operation, sink] of ofKind("album"))
    test(`${operation} answers everybody as the rule says of every album`, async () => {
      for (const viewer of world().viewers) {
        const ofNothing = await askOfNothing(viewer, operation, sink);
        for (const album of world().albums) {
          if (sink.isLasting && rightsToAlbum(viewer, album).has(sink.needs)) continue;
          const answer = await askAbout(viewer, operation, sink, album.id);
          const asked = `${operation} of ${album.name} by ${viewer.name}: ${answer.status} ${answer.text.slice(0, 300)}`;
          const rights = rightsToAlbum(viewer, album);
          if (!rights.has("see")) assert.deepEqual(told(answer, album.id), ofNothing, asked);
          else if (sink.needs === "list" && album.isSealed)
            assert.deepEqual(told(answer, album.id), ofNothing, asked);
          else if (sink.isMembers && viewer.cameBy?.kind === "album-link")
            assert.deepEqual(told(answer, album.id), ofNothing, asked);
          else if (!rights.has(sink.needs)) assert.equal(answer.status, 403, asked);
          else if (!isTurnedAway(answer.status, answer.text)) {
            assert.ok(sink.reached.includes(answer.status), asked);
            if (sink.whenSealed !== undefined)
              assert.equal(answer.status === sink.whenSealed, album.isSealed, asked);
          }
          if (!rights.has("see")) assert.ok(!answer.text.includes(album.name), asked);
        }
      }
    });

  for (const [operation, sink] of ofKind("upload"))
    test(`${operation} tells of an upload to its maker alone`, async () => {
      for (const viewer of world().viewers) {
        const ofNothing = await askOfNothing(viewer, operation, sink);
        for (const { what, uploadId, ownerId } of world().files) {
          if (ownerId === viewer.userId) continue;
          const answer = await askAbout(viewer, operation, sink, uploadId);
          assert.deepEqual(told(answer, uploadId), ofNothing, `${operation} of ${what} by ${viewer.name}`);
        }
      }
    });

  test("an upload to a sealed album tells its maker that it ended, and nothing else", async () => {
    for (const { uploadId, ownerId, state } of world().files) {
      const maker = world().viewers.find(({ userId }) => userId === ownerId);
      if (state !== "sealed" || !maker) continue;
      const upload = { id: uploadId, state: "ready" };
      for (const [method, path, expected] of [
        ["GET", `/v1/uploads/${uploadId}`, upload],
        ["GET", `/v1/uploads?ids=${uploadId}`, { items: [upload], nextCursor: null }],
        ["POST", `/v1/uploads/${uploadId}/complete`, { upload }],
      ] as const)
        assert.deepEqual((await askAs(maker, world().files, { method, path })).body, expected, path);
    }
  });

  for (const [operation, sink] of [...ofKind("own"), ...ofKind("open")])
    test(`${operation} tells nobody of anything that they may not see`, async () => {
      const [method, path] = splitOperation(operation);
      for (const viewer of world().viewers) {
        const json = "json" in sink && sink.json ? { json: sink.json() } : {};
        await askAs(viewer, world().files, { method, path, ...json });
      }
    });
}
