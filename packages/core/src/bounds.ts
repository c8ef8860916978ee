// What settings are read by, without loading the domain: a start's first process needs no more of it.
export { defaultMaxArchiveBytes } from "./archives/archive.ts";
export { defaultLimits, maxUrlLifetimeSeconds } from "./limits.ts";
export { derivativeFits, derivativeFormats, derivativeSources } from "./ports/inspector.ts";
export {
  defaultProfile,
  maxDerivativeSide,
  maxDerivativesPerProfile,
  reservedDerivativeNames,
} from "./profile.ts";
