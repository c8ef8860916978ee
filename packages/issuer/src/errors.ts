/** There is an account with this e-mail address already (whatever its case). */
export class AccountExistsError extends Error {
  override readonly name = "AccountExistsError";
  readonly code = "account-exists";
}

/** The text is no e-mail address; the message says what is wrong with it. */
export class InvalidEmailError extends Error {
  override readonly name = "InvalidEmailError";
  readonly code = "invalid-email";
}

/** A name or an organisation is empty, too long, or has characters that do not print. */
export class InvalidAccountDetailError extends Error {
  override readonly name = "InvalidAccountDetailError";
  readonly code = "invalid-account-detail";
}

/** The password is refused; the message says why and never contains the password. */
export class WeakPasswordError extends Error {
  override readonly name = "WeakPasswordError";
  readonly code = "weak-password";
}

/** There is no account with this e-mail address. */
export class UnknownAccountError extends Error {
  override readonly name = "UnknownAccountError";
  readonly code = "unknown-account";
}

/** A scope that this issuer does not know, in `scope`. */
export class UnknownScopeError extends Error {
  override readonly name = "UnknownScopeError";
  readonly code = "unknown-scope";
  readonly scope: string;
  constructor(message: string, scope: string) {
    super(message);
    this.scope = scope;
  }
}

/** A scope for operators, in `scope`, was asked for an account that is none. */
export class OperatorScopeError extends Error {
  override readonly name = "OperatorScopeError";
  readonly code = "operator-scope";
  readonly scope: string;
  constructor(message: string, scope: string) {
    super(message);
    this.scope = scope;
  }
}

/** The account's person has signed in: a token in their name needs a reason. */
export class ReasonRequiredError extends Error {
  override readonly name = "ReasonRequiredError";
  readonly code = "reason-required";
}

/** The lifetime, audience or reason of a token is outside its bounds. */
export class InvalidTokenRequestError extends Error {
  override readonly name = "InvalidTokenRequestError";
  readonly code = "invalid-token-request";
}

/** The issuer's URL is not an http(s) URL without query, fragment and credentials. */
export class InvalidIssuerUrlError extends Error {
  override readonly name = "InvalidIssuerUrlError";
  readonly code = "invalid-issuer-url";
}

/** Another process held the database for longer than the bound; trying again later may help. */
export class IssuerBusyError extends Error {
  override readonly name = "IssuerBusyError";
  readonly code = "issuer-busy";
}

/** More passwords wait to be stretched than this process does soon; trying again in some seconds helps. */
export class PasswordQueueFullError extends Error {
  override readonly name = "PasswordQueueFullError";
  readonly code = "password-queue-full";
}

/** An invite was used, has expired, was never made, or is for another address. */
export class InvalidInviteError extends Error {
  override readonly name = "InvalidInviteError";
  readonly code = "invalid-invite";
}

/** A file of the issuer's directory, at `path`, cannot be used as it is; nothing was changed. */
export class IssuerDirectoryError extends Error {
  override readonly name = "IssuerDirectoryError";
  readonly code = "issuer-directory-unusable";
  readonly path: string;
  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** Every error of this package, told apart by `code`. */
export type IssuerError =
  | AccountExistsError
  | InvalidEmailError
  | InvalidAccountDetailError
  | WeakPasswordError
  | UnknownAccountError
  | UnknownScopeError
  | OperatorScopeError
  | ReasonRequiredError
  | InvalidTokenRequestError
  | InvalidIssuerUrlError
  | IssuerBusyError
  | PasswordQueueFullError
  | InvalidInviteError
  | IssuerDirectoryError;
