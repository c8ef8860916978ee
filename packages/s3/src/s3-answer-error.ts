import { readXml, type XmlElement } from "./read-xml.ts";

/** What an S3 service said when it refused or failed: the `cause` of the errors thrown for it. */
export class S3AnswerError extends Error {
  override readonly name = "S3AnswerError";
  /**
   * S3's own, such as `NoSuchKey`, `AccessDenied`, `SlowDown`
   * (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList); `undefined` where the
   * answer had none, as an answer to HEAD has none.
   */
  readonly code: string | undefined;
  readonly status: number;
  /** The service's name for the request, by which its operator finds it. */
  readonly requestId: string | undefined;

  constructor(
    message: string,
    options: { status: number; code?: string | undefined; requestId?: string | undefined },
  ) {
    super(message);
    this.code = options.code;
    this.status = options.status;
    this.requestId = options.requestId;
  }
}

/** As much of the service's words as goes into a line of a log. */
const longestDetail = 300;
const controlCharacters = /\p{Cc}+/gu;

/** The `<Error>` element of a body; `undefined` for anything else. */
export function readErrorElement(body: string): XmlElement | undefined {
  try {
    const root = readXml(body);
    return root.name === "Error" ? root : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What `error` says, in one line without control characters; without a code where it is `undefined`. */
export function createS3AnswerError(
  status: number,
  error: XmlElement | undefined,
  requestId: string | undefined,
): S3AnswerError {
  const said = (name: string): string | undefined =>
    error?.text(name)?.slice(0, longestDetail).replace(controlCharacters, " ");
  const code = said("Code");
  const region = said("Region");
  const words = [status, code, said("Message"), region && `(the bucket's region is ${region})`];
  return new S3AnswerError(words.filter((word) => word !== undefined).join(" "), {
    status,
    code,
    requestId: said("RequestId") ?? requestId,
  });
}

const transientStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Codes of what passes, under statuses that usually don't. */
const transientCodes: ReadonlySet<string> = new Set([
  "ConditionalRequestConflict",
  "InternalError",
  "OperationAborted",
  // Clocks get set right.
  "RequestTimeTooSkewed",
  "RequestTimeout",
  "ServiceUnavailable",
  "SlowDown",
  "TemporaryRedirect",
]);

/** Whether the same request may well succeed later. */
export const isTransient = ({ status, code }: S3AnswerError): boolean =>
  transientStatuses.has(status) || (code !== undefined && transientCodes.has(code));
