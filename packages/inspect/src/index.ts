export { canonicalContentType } from "./content-type.ts";
export type { InspectorOptions } from "./create-inspector.ts";
export { createInspector } from "./create-inspector.ts";
export type { DecodeObserver } from "./decode-pool.ts";
export type {
  ActiveContent,
  DerivativeFormat,
  DerivativeSpec,
  DocumentFacts,
  ImageFacts,
  Inspection,
  InspectionRequest,
  Inspector,
  MadeDerivative,
  RejectionCode,
  RenditionBody,
  RenditionFacts,
  VideoFacts,
} from "./inspection.ts";
export type { InspectionFailureCode } from "./inspection-failed-error.ts";
export { InspectionFailedError } from "./inspection-failed-error.ts";
export { type FfmpegChoice, findFfmpeg } from "./poster/find-ffmpeg.ts";
export type { ChosenSandbox, SandboxChoice } from "./sandbox/choose-sandbox.ts";
export type { Sandbox } from "./sandbox/sandbox.ts";
export { stripperVersion } from "./strip/stripper-version.ts";
