import { decodeText, malformedForm, parsePartHead } from "./part-head.ts";
import { S3Error } from "./s3-error.ts";

/** S3's own bound on everything before the file. */
const maxFieldsBytes = 20 * 1024;
/** What may come after the file, where S3 ignores fields. */
export const maxAfterFileBytes = 64 * 1024;

/** What came before the file. */
export interface FormFields {
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  /** Of the body so far. */
  readonly bytesBefore: number;
}

export interface FormReceiver {
  /** Told once, when the file begins; no content comes before it resolves. */
  beginFile(form: FormFields): Promise<void>;
  /** Takes the file's next bytes; no more come while a promise that it returned is pending. */
  push(content: Buffer): Promise<void> | undefined;
}

export interface FormDecoder {
  /** Takes the next bytes of the body; wait for a promise before the next call. Throws S3Error. */
  push(bytes: Buffer): Promise<void> | undefined;
  /** After the body. Throws S3Error unless there was a whole file. */
  end(): void;
}

const carriageReturn = 13;
const lineEnd = Buffer.from("\r\n");
const headEnd = Buffer.from("\r\n\r\n");

/** How many bytes at the end of `bytes` may be the beginning of a delimiter, which has one CR, its first byte. */
function beginningOf(delimiter: Buffer, bytes: Buffer): number {
  const from = bytes.lastIndexOf(carriageReturn);
  const length = from === -1 ? 0 : bytes.length - from;
  if (length === 0 || length >= delimiter.length) return 0;
  return bytes.subarray(from).equals(delimiter.subarray(0, length)) ? length : 0;
}

/**
 * Reads a form (multipart/form-data, RFC 7578) as S3 takes it: fields, then one called `file`, whose content is passed
 * on as it comes. Fields after it are ignored. Stricter than RFC 2046: nothing before the first delimiter, no spaces
 * after one.
 */
export function createFormDecoder(boundary: string, receiver: FormReceiver): FormDecoder {
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  const fields = new Map<string, string>();
  let state: "start" | "delimited" | "head" | "value" | "file" | "after-file" | "rest" = "start";
  // As if a line had ended before the first delimiter.
  let buffered: Buffer = lineEnd;
  let name = "";
  let consumedBytes = -lineEnd.length;
  let restBytes = 0;
  let hasFile = false;

  const consume = (bytes: number): Buffer => {
    const taken = buffered.subarray(0, bytes);
    buffered = buffered.subarray(bytes);
    consumedBytes += bytes;
    return taken;
  };

  /** The rest of a delimiter's line: whether it is the last one; `undefined` until it is there. */
  const takeDelimiterEnd = (): "next" | "last" | undefined => {
    if (buffered.length < 2) return undefined;
    const end = consume(2).toString("latin1");
    if (end === "--") return "last";
    if (end === "\r\n") return "next";
    throw malformedForm("its boundary occurs within a field");
  };

  const addField = (value: string): void => {
    if (fields.has(name)) throw malformedForm("a field occurs twice");
    fields.set(name, value);
  };

  const checkFieldsBytes = (bytes: number): void => {
    if (bytes <= maxFieldsBytes) return;
    throw new S3Error(
      "MaxPostPreDataLengthExceededError",
      "Your POST request fields preceding the upload file were too large.",
    );
  };

  const takeHead = (): Promise<void> | undefined => {
    const head = parsePartHead(consume(buffered.indexOf(headEnd)));
    consume(headEnd.length);
    checkFieldsBytes(consumedBytes);
    name = head.name.toLowerCase();
    state = name === "file" ? "file" : "value";
    return state === "file"
      ? receiver.beginFile({ fields, fileName: head.fileName, bytesBefore: consumedBytes })
      : undefined;
  };

  /** One step before the file. `undefined` where more bytes are needed, else whether to wait. */
  const step = (): { readonly waiting?: Promise<void> | undefined } | undefined => {
    switch (state) {
      case "start":
        if (buffered.length < delimiter.length) return undefined;
        if (!consume(delimiter.length).equals(delimiter))
          throw malformedForm("it does not begin with its boundary");
        state = "delimited";
        return {};
      case "delimited": {
        const end = takeDelimiterEnd();
        if (end === undefined) return undefined;
        state = end === "next" ? "head" : "rest";
        return {};
      }
      case "head":
        return buffered.includes(headEnd) ? { waiting: takeHead() } : undefined;
      case "value": {
        const end = buffered.indexOf(delimiter);
        if (end === -1) return undefined;
        addField(decodeText(consume(end)));
        consume(delimiter.length);
        state = "delimited";
        return {};
      }
      default:
        return undefined;
    }
  };

  const passContent = (): Promise<void> | undefined => {
    const end = buffered.indexOf(delimiter);
    const content = consume(end === -1 ? buffered.length - beginningOf(delimiter, buffered) : end);
    if (end !== -1) {
      consume(delimiter.length);
      state = "after-file";
    }
    return content.length > 0 ? receiver.push(content) : undefined;
  };

  const skipRest = (): void => {
    restBytes += consume(buffered.length).length;
    if (restBytes > maxAfterFileBytes) throw malformedForm("too much follows its file");
  };

  const run = (): Promise<void> | undefined => {
    while (state !== "rest") {
      if (state === "file") {
        const waiting = passContent();
        if (waiting !== undefined) return waiting.then(run);
        if (state === "file") return undefined;
      } else if (state === "after-file") {
        if (takeDelimiterEnd() === undefined) return undefined;
        hasFile = true;
        state = "rest";
      } else {
        const done = step();
        if (!done) {
          checkFieldsBytes(consumedBytes + buffered.length);
          return undefined;
        }
        if (done.waiting !== undefined) return done.waiting.then(run);
      }
    }
    skipRest();
    return undefined;
  };

  return {
    push(bytes) {
      buffered = buffered.length === 0 ? bytes : Buffer.concat([buffered, bytes]);
      return run();
    },
    end() {
      if (hasFile) return;
      if (state === "rest")
        throw new S3Error("InvalidArgument", "POST requires exactly one file upload per request.");
      throw malformedForm("it ends too early");
    },
  };
}
