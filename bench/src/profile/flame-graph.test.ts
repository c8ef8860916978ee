import assert from "node:assert/strict";
import { it } from "node:test";
import { flameGraph } from "./flame-graph.ts";
import type { ProfileBranch } from "./profile-tree.ts";

const branch = (name: string, share: number, ...calls: ProfileBranch[]): ProfileBranch => ({
  name,
  share,
  calls: new Map(calls.map((call) => [call.name, call])),
});

it("draws each call below its caller, as wide as its share, and leaves out what can't be seen", () => {
  const tree = branch("all", 1, branch("a <b>", 0.5, branch("c", 0.25)), branch("dust", 0.0001));
  const svg = flameGraph(tree, "GET & PUT");
  const rects = [...svg.matchAll(/<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)].map((match) =>
    match.slice(1).map(Number),
  );
  assert.deepEqual(rects, [
    [0, 30, 599.5],
    [0, 47, 299.5],
  ]);
  assert.match(svg, /<title>a &#60;b&#62;: 50\.0%<\/title>/);
  assert.match(svg, /GET &#38; PUT/);
});
