export * from "../ports/metadata-store.contract.ts";
export * from "../ports/object-store.contract.ts";
export * from "../ports/scanner.contract.ts";
export * from "./memory-metadata-store.ts";
export * from "./memory-object-store.ts";
export * from "./memory-scanner.ts";
export * from "./quick-secrets.testing.ts";
