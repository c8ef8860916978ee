export { createWebSession } from "./create-web-session.ts";
export type { IssuerFetch } from "./issuer-client.ts";
export type { SignInFailure } from "./sign-in-failure.ts";
export type { WebSessionLogger, WebSessionOptions } from "./web-session-context.ts";
