/** What `node --cpu-prof` writes, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function, and what it called, by the share of the time in which anything ran. */
export interface ProfileBranch {
  readonly name: string;
  share: number;
  readonly calls: Map<string, ProfileBranch>;
}

/** Not busy: waiting, or not sampled. */
const idle: ReadonlySet<string> = new Set(["(idle)", "(root)"]);

/** Node's own frames say little but the last one, which is the work. */
const isOurs = (url: string): boolean => url.startsWith("file:") && !url.includes("/node_modules/");

const shortName = (functionName: string, url: string): string => {
  const name = functionName === "" ? "(anonymous)" : functionName;
  const file = url
    .replace(/^file:.*\/(?=[\w-]+\/src\/)/, "")
    .replace(/^file:.*\/node_modules\//, "")
    .replace("/src/", "/");
  return file === "" ? name : `${name} ${file}`;
};

/** The calls of a profile from the outermost function of ours inwards. */
export function profileTree({ nodes, samples, timeDeltas }: CpuProfile): ProfileBranch {
  const nodeById = new Map(nodes.map((node) => [node.id, node]));
  const parentOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const timeOf = new Map<number, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    if (idle.has(nodeById.get(id)?.callFrame.functionName ?? "(root)")) continue;
    const time = timeDeltas[index] ?? 0;
    timeOf.set(id, (timeOf.get(id) ?? 0) + time);
    busy += time;
  }
  const root: ProfileBranch = { name: "all", share: 1, calls: new Map() };
  for (const [leaf, time] of timeOf) {
    const path: string[] = [];
    for (let id: number | undefined = leaf; id !== undefined; id = parentOf.get(id)) {
      const { functionName = "(root)", url = "" } = nodeById.get(id)?.callFrame ?? {};
      if (functionName !== "(root)" && (id === leaf || isOurs(url)))
        path.unshift(shortName(functionName, url));
    }
    let branch = root;
    for (const name of path) {
      const next: ProfileBranch = branch.calls.get(name) ?? { name, share: 0, calls: new Map() };
      next.share += time / busy;
      branch.calls.set(name, next);
      branch = next;
    }
  }
  return root;
}

/** What all but this of a function's time goes to is told in the same line. */
const chainedShare = 0.93;

/** Lines of text, the largest first; what is under `leastShare` is left out, and functions without a name. */
export function showTree(root: ProfileBranch, leastShare: number): string {
  const lines: string[] = [];
  const show = ({ calls }: ProfileBranch, depth: number): void => {
    for (const branch of [...calls.values()].sort((a, b) => b.share - a.share)) {
      if (branch.share < leastShare) continue;
      const chain = [branch.name];
      let last = branch;
      for (;;) {
        const next: ProfileBranch | undefined = [...last.calls.values()].find(
          ({ share }) => share >= last.share * chainedShare,
        );
        if (!next) break;
        chain.push(next.name.replace(/ .*/, ""));
        last = next;
      }
      const percent = `${(branch.share * 100).toFixed(1)}%`.padStart(6);
      const names = chain.filter((name, index) => index === 0 || name !== "(anonymous)");
      lines.push(`${percent} ${"  ".repeat(depth)}${names.join(" › ")}`);
      show(last, depth + 1);
    }
  };
  show(root, 0);
  return `${lines.join("\n")}\n`;
}
