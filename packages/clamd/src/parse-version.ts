export interface ClamdVersion {
  /** Of the program: "1.4.3". */
  readonly version: string;
  /** When its newest signatures were made (clamd does not say in which zone: taken as UTC); absent without a daily database. */
  readonly signaturesAtMs?: number;
}

/** Reads what clamd answers to VERSION: "ClamAV 1.4.3/27700/Wed Nov 25 09:26:14 2026", or no more than its beginning. */
export function parseVersion(answer: string): ClamdVersion | undefined {
  const [, version, date] = /^ClamAV (\d[\w.+-]{0,40})(?:\/\d{1,10}\/([\w: ]{10,40}))?$/.exec(answer) ?? [];
  if (version === undefined) return undefined;
  const signaturesAtMs = date === undefined ? Number.NaN : Date.parse(`${date} UTC`);
  return { version, ...(Number.isNaN(signaturesAtMs) ? {} : { signaturesAtMs }) };
}

/** "ClamAV 1.4.3, signatures of 2026-11-25". */
export function describeVersion({ version, signaturesAtMs }: ClamdVersion): string {
  const of =
    signaturesAtMs === undefined
      ? ""
      : `, signatures of ${new Date(signaturesAtMs).toISOString().slice(0, 10)}`;
  return `ClamAV ${version}${of}`;
}
