import type { ObjectMetadata } from "./object-file.ts";

/** What a part's file belongs to, sealed in its header: so that it is not taken for another part, or for an object. */
export const partName = (number: number, uploadId: string): string => `part ${number} of ${uploadId}`;

/**
 * Parts did not always say whose they are. Those have no type either, as no key's object has; which of them one is, its
 * ETag and its digest say to whoever puts them together, or reads what they make.
 */
const isNameless = ({ belongsTo, contentType }: ObjectMetadata): boolean =>
  belongsTo === undefined && contentType === "";

/** Whether a file is the part of this number, of this upload. */
export const isPartOf =
  (number: number, uploadId: string) =>
  (metadata: ObjectMetadata): boolean =>
    metadata.belongsTo === partName(number, uploadId) || isNameless(metadata);

/** Whether a file is a part of this number, of whatever upload. */
export const isPart =
  (number: number) =>
  (metadata: ObjectMetadata): boolean =>
    metadata.belongsTo?.startsWith(`part ${number} of `) === true || isNameless(metadata);
