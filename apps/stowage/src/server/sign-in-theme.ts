import type { Site } from "@stowage/web";

/** The app's letters and design tokens, for the sign-in pages: by them both look like one. */
export function signInTheme({ assets }: Site): string {
  const shared = assets.find(({ path }) => /^\/assets\/shared-[A-Z0-9]+\.css$/.test(path));
  if (!shared) throw new Error("The built site has no style sheet to share with the sign-in pages.");
  // Relative to the style sheet, as esbuild writes them; the pages are elsewhere.
  return shared.body.toString("utf8").replaceAll(/url\("?\.\/([^")]+)"?\)/g, 'url("/assets/$1")');
}
