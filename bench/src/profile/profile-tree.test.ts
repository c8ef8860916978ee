import assert from "node:assert/strict";
import { it } from "node:test";
import { profileTree, showTree } from "./profile-tree.ts";

const frame = (functionName: string, url = "") => ({ functionName, url });

it("shares busy time among our functions and the work they end in, without what is idle or Node's in between", () => {
  const nodes = [
    { id: 1, callFrame: frame("(root)"), children: [2, 3, 7] },
    { id: 2, callFrame: frame("(idle)") },
    { id: 3, callFrame: frame("emit", "node:events"), children: [4] },
    { id: 4, callFrame: frame("push", "file:///x/packages/bucket/src/storage/a.ts"), children: [5] },
    { id: 5, callFrame: frame("update", "node:internal/crypto/hash"), children: [6] },
    { id: 6, callFrame: frame("update") },
    { id: 7, callFrame: frame("(garbage collector)") },
  ];
  const tree = profileTree({ nodes, samples: [2, 6, 4, 7, 3], timeDeltas: [900, 60, 20, 15, 5] });
  assert.equal(
    showTree(tree, 0.01),
    [
      " 80.0% push bucket/storage/a.ts",
      " 60.0%   update",
      " 15.0% (garbage collector)",
      "  5.0% emit node:events",
      "",
    ].join("\n"),
  );
  assert.equal(showTree(tree, 0.7), " 80.0% push bucket/storage/a.ts\n");
});
