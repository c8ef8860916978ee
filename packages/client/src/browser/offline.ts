export * from "../files-cache/index.ts";
export { type BrowserFileCacheOptions, createBrowserFileCache } from "./browser-file-cache.ts";
export { eraseKeptFiles } from "./erase-kept-files.ts";
