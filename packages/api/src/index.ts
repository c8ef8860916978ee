export type { AnswerUnknownAddress } from "./answer-unknown-routes.ts";
export type { ApiServer } from "./api-context.ts";
export type { AnsweredRequest, ApiObserver } from "./api-observer.ts";
export { examineIssuer, type IssuerExamination } from "./authentication/examine-issuer.ts";
export type { TrustedIssuer } from "./authentication/trusted-issuer.ts";
export { type ApiOptions, createApi } from "./create-api.ts";
export { createMemoryRateLimiter } from "./rate-limits/memory-rate-limiter.ts";
export {
  type Allowance,
  type OpenRateLimiter,
  type RateLimited,
  type RateLimiter,
  windowMs as rateLimitWindowMs,
} from "./rate-limits/rate-limiter.ts";
export type { Dependency } from "./resources/health.ts";
export type { MetricsOptions } from "./resources/metrics.ts";
export { type ProtectedResource, protectedResourcePath } from "./resources/protected-resource.ts";
export type { StoreEventsOptions } from "./resources/store-events.ts";
