/** For tests in a real Chromium of what runs in pages. Not published. */

/** A page that keeps files for reading offline, and shows them. */
export const fileCachePage = new URL("../../browser/file-cache-page.contract.ts", import.meta.url);

export { buildPage } from "./build-page.contract.ts";
export { callIn } from "./call-in.contract.ts";
export { withoutChromium } from "./find-chromium.contract.ts";
export { type BundleSize, measureBundle } from "./measure-bundle.contract.ts";
export { type ServedPage, servePage } from "./serve-page.contract.ts";
export { type ProfileBrowser, startProfile } from "./start-profile.contract.ts";
export {
  createTestBrowser,
  type OpenOptions,
  type TestBrowser,
  type TestPage,
} from "./test-browser.contract.ts";
