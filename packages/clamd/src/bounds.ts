/** What clamd's StreamMaxLength is where its configuration does not say: 100 MiB. */
export const defaultStreamMaxLengthBytes: number = 100 * 1024 * 1024;
