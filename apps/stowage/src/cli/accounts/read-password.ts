import { randomInt } from "node:crypto";
import { type CommandContext, UsageError } from "../command.ts";

/** More is no password; what else one must be, the issuer says. */
const maxBytes = 64 * 1024;

/** All of standard input, without the line break that ends it. */
export async function readPassword({ stdin, stderr }: CommandContext): Promise<string> {
  if ("isTTY" in stdin && stdin.isTTY === true)
    stderr.write("Type the password (it will show), then Enter and Ctrl-D:\n");
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stdin) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > maxBytes) throw new UsageError("Standard input has more than a password.");
    pieces.push(bytes);
  }
  const password = Buffer.concat(pieces)
    .toString("utf8")
    .replace(/\r?\n$/, "");
  if (password === "") throw new UsageError("Standard input has no password.");
  return password;
}

/** Without those that look alike. */
const letters = "abcdefghjkmnpqrstuvwxyz23456789";
const groups = 5;
const lettersPerGroup = 5;

/** 25 letters of 31: 123 bits, in groups that can be read out. */
export const generatePassword = (): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: lettersPerGroup }, () => letters[randomInt(letters.length)]).join(""),
  ).join("-");
