export * from "./problem.ts";
export * from "./rejection.ts";
