export { type BlobPart, type BlobSource, blobSource } from "./blob-source.ts";
export { type BrowserPlatformOptions, createBrowserUploader } from "./browser-client.ts";
export { browserConnectivity } from "./browser-connectivity.ts";
export {
  type BrowserClient,
  type BrowserClientOptions,
  type BrowserUploads,
  createClient,
} from "./create-client.ts";
