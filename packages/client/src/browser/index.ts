export { type BlobPart, type BlobSource, blobSource } from "./blob-source.ts";
export { type BrowserClient, type BrowserClientOptions, createBrowserClient } from "./browser-client.ts";
export { browserConnectivity } from "./browser-connectivity.ts";
