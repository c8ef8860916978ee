export type { Account } from "./account.ts";
export {
  AccountExistsError,
  InvalidAccountDetailError,
  InvalidEmailError,
  InvalidIssuerUrlError,
  InvalidTokenRequestError,
  IssuerBusyError,
  IssuerDirectoryError,
  type IssuerError,
  OperatorScopeError,
  ReasonRequiredError,
  UnknownAccountError,
  UnknownScopeError,
  WeakPasswordError,
} from "./errors.ts";
export type { IssuerEvent, IssuerHttpOptions, SignUp } from "./http-options.ts";
export type { AccessTokenRequest, Issuer, NewAccount } from "./issuer.ts";
export { createIssuerHttpHandler } from "./issuer-http-handler.ts";
export { type IssuerDirectoryOptions, openIssuer } from "./open-issuer.ts";
export { minPasswordCharacters } from "./password-policy.ts";
export { accessTokenScopes } from "./scopes.ts";
