// Shows what a process was busy with as a tree: node bench/src/profile/main.ts FILE.cpuprofile [LEAST-PERCENT]
// Profiles of the product's processes come from NODE_OPTIONS="--cpu-prof --cpu-prof-dir=DIR" npm run bench -- p9
import { readFileSync } from "node:fs";
import { type CpuProfile, profileTree, showTree } from "./profile-tree.ts";

const [file = "", leastPercent = "1"] = process.argv.slice(2);
const profile = JSON.parse(readFileSync(file, "utf8")) as CpuProfile;
process.stdout.write(showTree(profileTree(profile), Number(leastPercent) / 100));
