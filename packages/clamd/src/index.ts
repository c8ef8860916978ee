export { defaultStreamMaxLengthBytes } from "./bounds.ts";
export { type ClamdAddress, describeClamdAddress, parseClamdAddress } from "./clamd-address.ts";
export {
  type ClamdScanner,
  type ClamdScannerOptions,
  createClamdScanner,
} from "./create-clamd-scanner.ts";
export { type ClamdVersion, describeVersion } from "./parse-version.ts";
