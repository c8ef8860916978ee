/** For tests in a real Chromium of what runs in pages. Not published. */
export { buildPage } from "./build-page.contract.ts";
export { withoutChromium } from "./find-chromium.contract.ts";
export { type BundleSize, measureBundle } from "./measure-bundle.contract.ts";
export { createTestBrowser, type TestBrowser, type TestPage } from "./test-browser.contract.ts";
