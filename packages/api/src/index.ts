export type { AnswerUnknownAddress } from "./answer-unknown-routes.ts";
export type { ApiServer } from "./api-context.ts";
export { examineIssuer, type IssuerExamination } from "./authentication/examine-issuer.ts";
export type { TrustedIssuer } from "./authentication/trusted-issuer.ts";
export { type ApiOptions, createApi } from "./create-api.ts";
export type { Dependency } from "./resources/health.ts";
export { type ProtectedResource, protectedResourcePath } from "./resources/protected-resource.ts";
export type { StoreEventsOptions } from "./resources/store-events.ts";
