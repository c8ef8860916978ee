import type { Account } from "./account.ts";
import { WeakPasswordError } from "./errors.ts";

/** NIST SP 800-63B-4 §3.1.1.2: at least 15 where the password is the only factor, as it is here. */
export const minPasswordCharacters = 15;
/** Far above the 64 that the same section asks to permit; bounds what one request can make us hash. */
export const maxPasswordBytes = 1024;
/** What must be left of a password once its guessable words are taken out. */
const minUnguessableCharacters = 8;
/** Taking out shorter words would take apart what has nothing to do with them. */
const minWordCharacters = 3;
const minDifferentCharacters = 5;
const maxRepeatedCharacters = 8;

const runs = [
  "1234567890",
  "0123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
  "1234567890qwertyuiopasdfghjklzxcvbnm",
  "1q2w3e4r5t6y7u8i9o0p",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
].flatMap((run) => [run.repeat(3), Array.from(run.repeat(3)).reverse().join("")]);

/**
 * The bytes that a password is hashed as: NFKC, so that it can be typed on any keyboard. Nothing for
 * what no account's password can be: more than 1,024 bytes, or not well-formed Unicode.
 */
export function passwordBytes(password: string): Uint8Array | undefined {
  if (password.length > maxPasswordBytes || !password.isWellFormed()) return undefined;
  const bytes = Buffer.from(password.normalize("NFKC"));
  return bytes.length > maxPasswordBytes ? undefined : bytes;
}

/**
 * Refuses a new password by NIST SP 800-63B-4 §3.1.1.2: 15 characters or more, each code point counted as
 * one, any printing character and spaces, no rules of composition; not common, expected or made of the
 * account's own words.
 *
 * @throws {WeakPasswordError} whose message says why, without the password
 */
export function assertPassword(
  password: string,
  account: Pick<Account, "email" | "name" | "organisation">,
): void {
  if (passwordBytes(password) === undefined)
    throw new WeakPasswordError(
      `The password is longer than ${maxPasswordBytes} bytes, or not well-formed Unicode.`,
    );
  if (/\p{Cc}/u.test(password))
    throw new WeakPasswordError("The password contains a control character, such as a line break.");

  const normalized = password.normalize("NFKC");
  // One typed character can be many in NFKC: neither count may be short.
  const count = Math.min(Array.from(password).length, Array.from(normalized).length);
  if (count < minPasswordCharacters)
    throw new WeakPasswordError(
      `The password has fewer than ${minPasswordCharacters} characters: a few words make a good one.`,
    );

  const folded = foldForGuessing(normalized);
  if (new Set(normalized).size < minDifferentCharacters || isPattern(folded))
    throw new WeakPasswordError("The password is a repetition or a run of keys, which is guessed first.");

  const words = wordsOf(account)
    .map(foldForGuessing)
    .filter((word) => word.length >= minWordCharacters);
  const rest = words.reduce((text, word) => text.replaceAll(word, ""), folded);
  if (rest !== folded && (Array.from(rest).length < minUnguessableCharacters || isPattern(rest)))
    throw new WeakPasswordError(
      "The password is little more than the account's address or name, or words like “password”.",
    );
}

/** What somebody who knows the account would try, the longest first so that its parts do not break it up. */
function wordsOf({ email, name = "", organisation = "" }: Parameters<typeof assertPassword>[1]): string[] {
  const own = [email, name, organisation].flatMap((text) => [text, ...text.split(/[@.\s]+/)]);
  return ["stowage", "password", ...own].sort((a, b) => b.length - a.length);
}

/** Without what people put between words. Other marks stay: they make a password harder to guess. */
const foldForGuessing = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s._-]/g, "");

function isPattern(text: string): boolean {
  if (text === "") return false;
  const hasPeriod = (period: number) =>
    period < text.length && text.slice(period) === text.slice(0, text.length - period);
  const isRepetition = Array.from({ length: maxRepeatedCharacters }, (_, index) => index + 1).some(
    (period) => text.length >= 2 * period - 1 && hasPeriod(period),
  );
  return isRepetition || runs.some((run) => run.includes(text));
}
