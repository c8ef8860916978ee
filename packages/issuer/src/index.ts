export type { Account } from "./account.ts";
export {
  AccountExistsError,
  InvalidAccountDetailError,
  InvalidEmailError,
  InvalidInviteError,
  InvalidIssuerUrlError,
  InvalidTokenRequestError,
  IssuerBusyError,
  IssuerDirectoryError,
  type IssuerError,
  OperatorScopeError,
  PasswordQueueFullError,
  ReasonRequiredError,
  UnknownAccountError,
  UnknownScopeError,
  WeakPasswordError,
} from "./errors.ts";
export { addressBlockOf } from "./http/address-block.ts";
export type { IssuerEvent, IssuerHttpOptions, SignUp } from "./http/http-options.ts";
export { createIssuerHttpHandler } from "./http/issuer-http-handler.ts";
export type { AccessTokenRequest, Invite, Issuer, NewAccount, NewInvite } from "./issuer.ts";
export { type IssuerDirectoryOptions, openIssuer } from "./open-issuer.ts";
export { minPasswordCharacters } from "./password-policy.ts";
export { accessTokenScopes } from "./scopes.ts";
