/** What a part's file belongs to, sealed in its header: so that it is not taken for another part, or for an object. */
export const partName = (number: number, uploadId: string): string => `part ${number} of ${uploadId}`;

/** Whether a file is a part of this number, of whatever upload. */
export const isPart =
  (number: number) =>
  (belongsTo: string | undefined): boolean =>
    belongsTo?.startsWith(`part ${number} of `) === true;
