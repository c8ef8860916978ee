const passing = new Set<string | undefined>(["timeout", "processing-failed", "checksum-mismatch"]);

/** Whether a rejection is not the file's fault: sent once more it may be taken. */
export const mayPass = (rejection: { readonly code: string } | undefined): boolean =>
  passing.has(rejection?.code);
