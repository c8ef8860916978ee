import { z } from "zod";
import { derivativeNameSchema, dispositionSchema } from "./file.ts";
import { uploadStateSchema } from "./upload.ts";

const limitSchema = z.coerce
  .number("limit must be a number.")
  .int("limit must be a whole number.")
  .min(1, "limit is at least 1.")
  .max(200, "limit is at most 200.")
  .optional();

const cursorSchema = z
  .string("cursor may be given once.")
  .max(512, "No cursor is that long.")
  .regex(/^[A-Za-z0-9_-]+$/, "That is not a cursor that this server gave.")
  .optional();

/** `GET /v1/uploads` */
export const listUploadsQuerySchema = z.strictObject({
  state: uploadStateSchema.optional(),
  ids: z.string("ids may be given once, separated by commas.").max(8000, "At most 200 ids.").optional(),
  limit: limitSchema,
  cursor: cursorSchema,
});

/** `GET /v1/files` */
export const listFilesQuerySchema = z.strictObject({
  scope: z.enum(["own", "trash"], 'scope is "own" or "trash".').optional(),
  sort: z.literal("created", 'sort can only be "created" (newest first).').optional(),
  limit: limitSchema,
  cursor: cursorSchema,
});

/** `GET /v1/files/{id}/content` */
export const contentQuerySchema = z.strictObject({
  derivative: derivativeNameSchema.optional(),
  version: z.coerce
    .number("version must be a number.")
    .int("version must be a whole number.")
    .min(1, "Versions count from 1.")
    .optional(),
  disposition: dispositionSchema.optional(),
});

/** `DELETE /v1/files/{id}` */
export const deleteFileQuerySchema = z.strictObject({
  permanent: z.enum(["true", "false"], 'permanent is "true" or "false".').optional(),
});
