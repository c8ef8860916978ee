export * from "./file.ts";
export * from "./ports/clock.ts";
export * from "./ports/id-source.ts";
export * from "./ports/inspector.ts";
export * from "./ports/metadata-store.ts";
export * from "./ports/object-store.ts";
export * from "./principal.ts";
export * from "./upload.ts";
