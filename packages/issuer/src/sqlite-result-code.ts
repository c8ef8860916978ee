/** The primary result code (https://www.sqlite.org/rescode.html) of an error that node:sqlite threw. */
export function sqliteResultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;
}
