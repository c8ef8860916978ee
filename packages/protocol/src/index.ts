export * from "./file.ts";
export * from "./list.ts";
export * from "./part.ts";
export * from "./problem.ts";
export * from "./rejection.ts";
export * from "./scope.ts";
export * from "./text.ts";
export * from "./upload.ts";
