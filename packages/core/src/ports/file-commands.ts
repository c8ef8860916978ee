import type { Actor } from "../audit-event.ts";
import type { FileChange, FileRecord, VersionOfFile } from "../file.ts";

export interface FileCommand {
  readonly fileId: string;
  readonly revision: number;
  readonly actor: Actor;
}

export interface QuarantineFile extends VersionOfFile {
  /** Of the object that was scanned. */
  readonly key: string;
  readonly finding: string;
  readonly scanner: string;
}

export interface ChangeFile extends FileCommand {
  readonly change: FileChange;
}

export interface VersionCommand extends FileCommand {
  readonly version: number;
}

export type FileOutcome =
  | { readonly outcome: "done"; readonly file: FileRecord }
  /** Another revision is current, whatever its state. */
  | { readonly outcome: "stale"; readonly file: FileRecord }
  /** Its state does not allow it. */
  | { readonly outcome: "wrong-state"; readonly file: FileRecord }
  | { readonly outcome: "missing" };

export type VersionOutcome =
  | FileOutcome
  /** The file has no such version (any more): nothing was written. */
  | { readonly outcome: "no-such-version"; readonly file: FileRecord }
  /** It is the current one: nothing was written. */
  | { readonly outcome: "is-current"; readonly file: FileRecord };
