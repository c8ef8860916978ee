import { join } from "node:path";
import type { Metafile } from "esbuild";
import { withEsbuild } from "./with-esbuild.ts";

/** Where the sources of `apps/web` lie. */
export interface AppSources {
  /** Folder that holds `main.tsx`, the styles and the icon, each below `src`. */
  readonly root: string;
}

export interface BundledApp {
  /** Paths below `/assets/`, by what the page needs them for. */
  readonly script: string;
  readonly style: string;
  readonly icon: string;
  /** Scripts that the first one imports at once. */
  readonly preloadedScripts: readonly string[];
  /** All of it: names of scripts, styles, letters and the icon. */
  readonly assets: readonly string[];
  /** Letters that nearly every screen shows. */
  readonly preloadedFonts: readonly string[];
}

/** The oldest browsers that the application is built for. */
export const browserTargets = ["es2022", "chrome111", "firefox115", "safari16.4"];

const entries = {
  app: "src/app/main.tsx",
  style: "src/styles/index.css",
  shared: "src/styles/shared.css",
  icon: "src/icon.svg",
};

/** Bundles the app into a folder: minified, split at dynamic imports, each name with the hash of its content. */
export const bundleApp = ({ root }: AppSources, outputDirectory: string): Promise<BundledApp> =>
  withEsbuild(async (esbuild) => {
    const { metafile } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: entries,
      outdir: outputDirectory,
      bundle: true,
      splitting: true,
      format: "esm",
      minify: true,
      target: browserTargets,
      jsx: "automatic",
      conditions: ["source"],
      define: { "process.env.NODE_ENV": '"production"' },
      entryNames: "[name]-[hash]",
      chunkNames: "[name]-[hash]",
      assetNames: "[name]-[hash]",
      loader: { ".woff2": "file", ".svg": "copy" },
      legalComments: "linked",
      metafile: true,
      logLevel: "silent",
    });
    return describeBundle(metafile, root, outputDirectory);
  });

function describeBundle(metafile: Metafile, root: string, outputDirectory: string): BundledApp {
  const outputs = Object.entries(metafile.outputs).map(([file, output]) => ({
    name: join(root, file).slice(outputDirectory.length + 1),
    ...output,
  }));
  const made = (entry: string): (typeof outputs)[number] => {
    const found = outputs.find(
      (output) => output.entryPoint === entry || (entry.endsWith(".svg") && entry in output.inputs),
    );
    if (!found) throw new Error(`The build made nothing of ${entry}.`);
    return found;
  };
  const script = made(entries.app);
  const static_ = script.imports.filter(({ kind }) => kind === "import-statement");
  return {
    script: script.name,
    style: made(entries.style).name,
    icon: made(entries.icon).name,
    preloadedScripts: static_.map(({ path }) => join(root, path).slice(outputDirectory.length + 1)),
    assets: outputs.map(({ name }) => name).filter((name) => !name.endsWith(".txt")),
    preloadedFonts: outputs
      .map(({ name }) => name)
      .filter((name) => /-latin-wght-normal-.*\.woff2$/.test(name)),
  };
}
