import type { Problem, ProblemCode } from "@stowage/protocol";

/** Every error of this package; told apart by `code`. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
  /**
   * A problem's code, or one of `network`, `unexpected-answer`, `aborted`, `not-signed-in`, `other-person`,
   * `unknown-person`, `file-changed`, `file-unreadable`, `store-refused`, `storage-full`, `upload-gone`, `not-erased`.
   */
  declare readonly code: string;
  /** How long the server asked to be left alone. */
  declare readonly retryAfterMs: number | undefined;
  constructor(code: string, message: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** The API said no, and why: `problem` is RFC 9457 problem details. */
export class ProblemError extends ClientError {
  override readonly name = "ProblemError";
  declare readonly code: ProblemCode;
  declare readonly problem: Problem;
  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.code, problem.detail, { retryAfterMs });
    this.problem = problem;
  }
}

/** No answer came: no connection, a reset, a time-out. What was asked may have been done all the same. */
export class NetworkError extends ClientError {
  override readonly name = "NetworkError";
  constructor(message: string, options?: ErrorOptions) {
    super("network", message, options);
  }
}

/** Something answered that is not Stowage: a captive portal, a proxy's error page. */
export class UnexpectedAnswerError extends ClientError {
  override readonly name = "UnexpectedAnswerError";
  declare readonly status: number;
  constructor(what: string, status: number, retryAfterMs?: number) {
    super("unexpected-answer", `${what} was answered with status ${status} and not in Stowage's words.`, {
      retryAfterMs,
    });
    this.status = status;
  }
}

/** The caller's signal was aborted. Nothing was taken back on the server. */
export class AbortedError extends ClientError {
  override readonly name = "AbortedError";
  constructor() {
    super("aborted", "It was aborted.");
  }
}

/** There is no token, or the server takes none of those it was given, or (`other-person`, `unknown-person`) it is, or may be, somebody else's. */
export class NotSignedInError extends ClientError {
  override readonly name = "NotSignedInError";
  constructor(message: string, options?: ErrorOptions, code = "not-signed-in") {
    super(code, message, options);
  }
}

/** The file is not what it was when it was looked at first. */
export class FileChangedError extends ClientError {
  override readonly name = "FileChangedError";
  constructor(fileName: string, options?: ErrorOptions) {
    super("file-changed", `${fileName} has changed since it was added.`, options);
  }
}

/** The file's bytes can't be read: it is gone, or may not be read. */
export class FileUnreadableError extends ClientError {
  override readonly name = "FileUnreadableError";
  constructor(fileName: string, options?: ErrorOptions) {
    super("file-unreadable", `${fileName} can't be read.`, options);
  }
}

/** This device has no room left for what was to be kept. */
export class StorageFullError extends ClientError {
  override readonly name = "StorageFullError";
  constructor(options?: ErrorOptions) {
    super("storage-full", "This device has no room to keep it.", options);
  }
}

/** The object store refused a presigned request for good. */
export class StoreRefusedError extends ClientError {
  override readonly name = "StoreRefusedError";
  declare readonly status: number;
  /** S3's error code, such as `AccessDenied`; empty where there was none. */
  declare readonly storeCode: string;
  constructor(status: number, storeCode: string, retryAfterMs?: number) {
    super("store-refused", `The object store refused: ${[status, storeCode].filter(Boolean).join(" ")}.`, {
      retryAfterMs,
    });
    this.status = status;
    this.storeCode = storeCode;
  }
}
