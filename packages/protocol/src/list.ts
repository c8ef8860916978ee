import { z } from "zod";
import { derivativeNameSchema, dispositionSchema, pageNumberSchema } from "./file.ts";
import { inDigits } from "./in-digits.ts";
import { storableText } from "./text.ts";
import { idSchema, metadataSchema, uploadStateSchema, versionNumberSchema } from "./upload.ts";

export const limitSchema = inDigits(
  z
    .number("limit must be a whole number, in digits.")
    .int("limit must be a whole number.")
    .min(1, "limit is at least 1.")
    .max(200, "limit is at most 200."),
).optional();

/** In a path or a query. */
export const versionInDigitsSchema = inDigits(versionNumberSchema);

export const cursorSchema = z
  .string("cursor may be given once.")
  .max(512, "No cursor is that long.")
  .regex(/^[A-Za-z0-9_-]+$/, "That is not a cursor that this server gave.")
  .optional();

const idsSchema = z
  .string("ids may be given once, separated by commas.")
  .max(8000, "At most 200 ids.")
  .optional();

/** `GET /v1/uploads` */
export const listUploadsQuerySchema = z.strictObject({
  state: uploadStateSchema.optional(),
  ids: idsSchema,
  limit: limitSchema,
  cursor: cursorSchema,
});

/**
 * `GET /v1/files`. Pairs of metadata are asked for as `metadata.KEY=VALUE`, and come here as the member `metadata`. Only
 * some of these go together, see the route.
 */
export const listFilesQuerySchema = z.strictObject({
  scope: z
    .enum(
      ["own", "shared", "organisation", "public", "trash"],
      'scope is "own", "shared", "organisation", "public" or "trash".',
    )
    .optional()
    .describe(
      '"own" (the default); "shared": what people share with one by name; "organisation": what is shown to one\'s organisation; "public": what is ' +
        'shown to everyone; "trash": what was trashed last first',
    ),
  sort: z
    .enum(["created", "taken", "name"], 'sort is "created", "taken" or "name".')
    .optional()
    .describe(
      '"created" (the default): what came last first; "taken": pictures by when they were taken, what does not say so by when ' +
        'it came, newest first; "name": without regard to case and accents, numbers by their value',
    ),
  type: z
    .enum(["image", "document", "video"], 'type is "image", "document" or "video".')
    .optional()
    .describe("By what the content was found to be"),
  q: storableText("q", 1, 4096)
    .optional()
    .describe(
      "Files whose name has a word that begins with this, which may go on into the words behind it; case, accents, width and " +
        "punctuation make no difference. The first 32 words of a name are looked at, and 64 characters of q",
    ),
  metadata: metadataSchema.optional().describe("Files that have this pair of metadata. One pair"),
  albumId: idSchema
    .optional()
    .describe("Files of an album that one may see, newest first; whoever owns them"),
  ids: idsSchema.describe(
    "At most 200 ids, separated by commas, by themselves: those of these files that one may see, whoever owns them, in this order. " +
      "What does not exist and what one may not see is left out alike",
  ),
  limit: limitSchema,
  cursor: cursorSchema,
});

/** `GET /v1/files/{id}/content` */
export const contentQuerySchema = z.strictObject({
  derivative: derivativeNameSchema.optional(),
  page: inDigits(pageNumberSchema).optional(),
  version: versionInDigitsSchema.optional(),
  disposition: dispositionSchema.optional(),
});

/** `DELETE /v1/files/{id}` */
export const deleteFileQuerySchema = z.strictObject({
  permanent: z.enum(["true", "false"], 'permanent is "true" or "false".').optional(),
});

/** Of a list that nothing more can be asked of. */
export const listQuerySchema = z.strictObject({ limit: limitSchema, cursor: cursorSchema });

/** `GET /v1/files/{id}/versions` */
export const listFileVersionsQuerySchema = listQuerySchema;

/** `GET /v1/files/{id}/links` */
export const listLinksQuerySchema = listQuerySchema;
