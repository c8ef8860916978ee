import { InspectorUnavailableError } from "../ports/inspector.ts";
import { StoreRefusedError, StoreUnavailableError } from "../ports/object-store.ts";
import { ScannerUnavailableError } from "../ports/scanner.ts";

/** What says nothing about a file: no attempt at it is used up. */
export const isOutage = (error: unknown): boolean =>
  error instanceof StoreUnavailableError ||
  error instanceof StoreRefusedError ||
  error instanceof InspectorUnavailableError ||
  error instanceof ScannerUnavailableError;
