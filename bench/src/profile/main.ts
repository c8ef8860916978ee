// Shows what a process was busy with, as a tree or as a flame graph:
//   node bench/src/profile/main.ts FILE.cpuprofile [LEAST-PERCENT]
//   node bench/src/profile/main.ts FILE.cpuprofile --svg TITLE > graph.svg
// Profiles of the product's processes come from NODE_OPTIONS="--cpu-prof --cpu-prof-dir=DIR" npm run bench -- p9
import { readFileSync } from "node:fs";
import { flameGraph } from "./flame-graph.ts";
import { type CpuProfile, profileTree, showTree } from "./profile-tree.ts";

const [file = "", how = "1", title = file] = process.argv.slice(2);
const tree = profileTree(JSON.parse(readFileSync(file, "utf8")) as CpuProfile);
process.stdout.write(how === "--svg" ? flameGraph(tree, title) : showTree(tree, Number(how) / 100));
