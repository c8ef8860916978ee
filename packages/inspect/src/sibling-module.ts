/**
 * The URL of a module beside this one that is loaded by its URL: run from source it is TypeScript, built it
 * is JavaScript, and the compiler rewrites only what is imported.
 */
export function siblingModule(name: string): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./${name}.${extension}`, import.meta.url);
}
