import type { KeyObject } from "node:crypto";
import type { AuditFault } from "@stowage/core";
import type { ForeignPart } from "@stowage/sql";
import { escapeText } from "../../cli/escape-text.ts";
import { keyIdOf, type SignedCheckpoint } from "./checkpoint.ts";

/** What `audit verify` finds: what the log itself shows, and what is wrong with what vouches for it. */
export type VerificationFault =
  | AuditFault
  /** The signature of a checkpoint is not this key's. */
  | { readonly kind: "forged"; readonly checkpoint: SignedCheckpoint }
  /** No checkpoint vouches for anything, though there was time to write some. */
  | { readonly kind: "no-checkpoints"; readonly file: string }
  /** In the database's schema something was put, changed or taken away: it may write, leave out, or show something else, by itself. */
  | { readonly kind: "foreign"; readonly part: ForeignPart }
  /** What the log is found by does not have all of it, or has more: lists would not tell of what is there. In SQLite's words. */
  | { readonly kind: "damaged"; readonly found: string }
  /** An export begins behind another event than it was said to. */
  | { readonly kind: "begins-elsewhere"; readonly after: number; readonly saidAfter: number }
  /** For longer than it takes a server that runs. */
  | { readonly kind: "unchained" | "uncovered"; readonly sinceMs: number };

/** A chain, in words. */
const chainName = (chain: string): string =>
  chain === "" ? "the chain of no organisation" : `the chain of organisation ${escapeText(chain)}`;

export const timeOf = (atMs: number): string => new Date(atMs).toISOString();

/**
 * A sentence that names what is wrong.
 *
 * @param publicKey by which checkpoints were verified
 */
export function describeFault(fault: VerificationFault, publicKey: KeyObject | undefined): string {
  switch (fault.kind) {
    case "changed":
      return `Event ${fault.sequence} was changed: its hash is not that of what it says (number ${fault.link.number} of ${chainName(fault.link.chain)}).`;
    case "missing":
      return fault.fromSequence === fault.toSequence
        ? `Event ${fault.fromSequence} is missing.`
        : `Events ${fault.fromSequence} to ${fault.toSequence} are missing.`;
    case "misplaced":
      return `Event ${fault.sequence} is number ${fault.link.number} of ${chainName(fault.link.chain)}, where number ${fault.expectedNumber} belongs: events were deleted, put in or reordered.`;
    case "out-of-order":
      return `Event ${fault.sequence} stands behind one with the same or a higher number.`;
    case "unlinked":
      return `Event ${fault.sequence} is in no chain, and later ones are: it was put there, or its place was taken from it.`;
    case "truncated": {
      const { number, atMs, chain, extent } = fault.checkpoint;
      if (extent && number <= fault.lastNumber)
        return `Events were cut off: the log ends with event ${fault.lastSequence}, and had event ${extent.sequence} at ${timeOf(atMs)}, as a checkpoint says.`;
      return `Events were cut off: ${chainName(chain)} ends with number ${fault.lastNumber}, and had number ${number} at ${timeOf(atMs)}, as a checkpoint says.`;
    }
    case "impossible-start":
      return `The log begins behind event ${fault.sequence}, and says that its chains had ${fault.count} events by then: its first line was changed.`;
    case "rewritten": {
      const { number, atMs, chain } = fault.checkpoint;
      return `History was rewritten: number ${number} of ${chainName(chain)} is not the event that the checkpoint of ${timeOf(atMs)} vouches for.`;
    }
    case "other-head":
      return `The end of ${chainName(fault.chain)}, number ${fault.lastNumber}, is not the one that the database has written down.`;
    case "other-position":
      return `Events have places up to ${fault.linkedSequence}, and the database has ${fault.recordedSequence} written down: one of both was changed.`;
    case "other-extent":
      return `Up to event ${fault.extent.sequence} there are ${fault.count} events that have a place, and a checkpoint vouches for ${fault.extent.count}: events were taken out, put in or numbered anew.`;
    case "foreign": {
      const { type, name, table, isMissing } = fault.part;
      const part = `${escapeText(type)} ${escapeText(name)} on ${escapeText(table)}`;
      return isMissing
        ? `The database has no ${part} any more, which Stowage made.`
        : `The database has ${type === "index" ? "an" : "a"} ${part} that Stowage did not make.`;
    }
    case "damaged":
      return `The log and what lists find it by do not agree: ${escapeText(fault.found)}.`;
    case "begins-elsewhere":
      return `The export begins behind event ${fault.after}, not behind ${fault.saidAfter}. If that is what was exported, say --after ${fault.after}; otherwise its beginning was cut off.`;
    case "forged": {
      const { atMs, number, keyId } = fault.checkpoint;
      const known = publicKey ? keyIdOf(publicKey) : "";
      return keyId === known
        ? `The checkpoint of ${timeOf(atMs)}, number ${number}, was changed: its signature is not right.`
        : `The checkpoint of ${timeOf(atMs)}, number ${number}, is signed by another key (${escapeText(keyId)}, not ${known}).`;
    }
    case "no-checkpoints":
      return `No checkpoint vouches for anything: ${escapeText(fault.file)} is empty or gone. None was ever written, or they were taken away.`;
    case "unchained":
      return `Events since ${timeOf(fault.sinceMs)} have no place in a chain: is the worker running?`;
    case "uncovered":
      return `No checkpoint vouches for events since ${timeOf(fault.sinceMs)}: can the worker write them?`;
  }
}
