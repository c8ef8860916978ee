import type { MemberError, ProblemCode } from "@stowage/protocol";

/** An answer other than success that the HTTP layer itself decides. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ProblemCode;
  readonly errors: readonly MemberError[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: ProblemCode,
    detail: string,
    options: ErrorOptions & {
      readonly errors?: readonly MemberError[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail, options);
    this.code = code;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }
}
