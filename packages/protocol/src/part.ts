import { z } from "zod";
import { requestSchema, sha256Schema, toldUploadSchema } from "./upload.ts";

/** S3's most parts of one upload. */
export const maxPartsPerUpload = 10_000;

/** Most parts that one call of `/urls` mints requests for. */
export const maxPartsPerMint = 100;

/** A part about to be sent. */
export const partToSendSchema = z.strictObject({
  partNumber: z
    .int("partNumber must be a whole number.")
    .min(1, "Parts count from 1.")
    .max(maxPartsPerUpload, `An upload has at most ${maxPartsPerUpload} parts.`),
  sha256: sha256Schema.describe("Lower-case hex, of the part's bytes"),
});

/** `POST /v1/uploads/{id}/urls`: fresh requests. */
export const mintUrlsSchema = z
  .strictObject({
    parts: z
      .array(partToSendSchema, "parts must be an array.")
      .min(1, "parts must name at least one part.")
      .max(maxPartsPerMint, `parts may name at most ${maxPartsPerMint} parts.`)
      .superRefine((parts, context) => {
        const seen = new Set<number>();
        for (const [index, { partNumber }] of parts.entries()) {
          if (seen.has(partNumber))
            context.addIssue({
              code: "custom",
              path: [index, "partNumber"],
              message: `Part ${partNumber} is named twice.`,
            });
          seen.add(partNumber);
        }
      })
      .optional()
      .describe("For a multipart: requests for these parts, answered in this order"),
    as: z
      .literal("multipart", 'as can only be "multipart".')
      .optional()
      .describe("Turns a pending PUT of more than 5242880 bytes into a multipart"),
  })
  .refine(({ parts, as }) => parts === undefined || as === undefined, {
    path: ["as"],
    message: "as and parts do not go together: first turn the upload, then ask for its parts.",
  })
  .meta({ id: "MintUrls" });

export const mintUrlsResponseSchema = z
  .object({
    upload: toldUploadSchema,
    requests: z
      .array(requestSchema)
      .optional()
      .describe("In the order of the parts asked for, each with its partNumber; absent once past pending"),
  })
  .meta({ id: "MintUrlsResponse" });

/** `POST /v1/uploads/{id}/complete` */
export const completeUploadSchema = z
  .strictObject({
    sha256: sha256Schema
      .optional()
      .describe("Of the whole file, lower-case hex, where a multipart's was not declared at create"),
  })
  .meta({ id: "CompleteUpload" });

/** What the store has of a multipart. */
export const partSchema = z
  .object({
    partNumber: z.int(),
    sizeBytes: z.int(),
    etag: z.string(),
    sha256: z
      .string()
      .optional()
      .describe("Lower-case hex: what the store checked, else what was last declared for this part"),
  })
  .meta({ id: "Part" });

/** `GET /v1/uploads/{id}/parts`: all of them, by number. */
export const partListSchema = z.object({ items: z.array(partSchema) }).meta({ id: "PartList" });

export type PartToSend = z.infer<typeof partToSendSchema>;
export type MintUrlsRequest = z.infer<typeof mintUrlsSchema>;
export type MintUrlsResponse = z.infer<typeof mintUrlsResponseSchema>;
export type CompleteUploadRequest = z.infer<typeof completeUploadSchema>;
export type Part = z.infer<typeof partSchema>;
export type PartList = z.infer<typeof partListSchema>;
