/** An error of the operating system's. */
export interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
}

export const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";

const sentences: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "There is no such file or folder"],
  ["EACCES", "You may not read or write this"],
  ["EPERM", "You may not do this"],
  ["ENOSPC", "The disk is full"],
  ["EROFS", "The disk can only be read"],
  ["EISDIR", "This is a folder"],
  ["ENOTDIR", "A part of this path is no folder"],
  ["ENAMETOOLONG", "This name is too long"],
  ["EMFILE", "Too many files are open"],
  ["ELOOP", "Too many links lead on from here"],
]);

/** What went wrong, without its path. */
export const sentenceOfSystemError = ({ code, message, path }: SystemError): string =>
  // Node has put this in the place of bytes that are no UTF-8, and finds nothing under the name that came of it.
  code === "ENOENT" && path?.includes("\ufffd")
    ? "Its name is not UTF-8 and can't be read here: give it another name."
    : `${sentences.get(code) ?? message}.`;
