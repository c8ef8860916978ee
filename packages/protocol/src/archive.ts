import { z } from "zod";
import { idSchema, requestSchema } from "./upload.ts";

/** Most files that one archive is asked for by name. */
const maxFiles = 10_000;

/** `POST /v1/archives` */
export const createArchiveSchema = z
  .strictObject({
    fileIds: z
      .array(idSchema, "fileIds must be an array.")
      .min(1, "fileIds must name at least one file.")
      .max(maxFiles, `fileIds may name at most ${maxFiles} files.`)
      .optional(),
    albumId: idSchema.optional().describe("In place of fileIds: all that is in it, once it is revealed"),
  })
  .refine(
    ({ fileIds, albumId }) => (fileIds === undefined) !== (albumId === undefined),
    "Say what to pack: fileIds, or an albumId.",
  )
  .meta({ id: "CreateArchive" });

export const archiveSchema = z
  .object({
    id: z.string(),
    state: z
      .enum(["waiting", "making", "ready", "stale", "failed"])
      .describe(
        "stale: something in it is not yours to see any more, or is another by now; ask for a new one. What is failed says why",
      ),
    createdAt: z.string(),
    expiresAt: z.string().describe("When it is deleted, whatever has become of it"),
    parts: z
      .array(
        z.object({
          sizeBytes: z.int(),
          sha256: z.string().describe("Lower-case hex"),
          files: z.int().describe("How many are in it, beside manifest.json"),
          request: requestSchema,
        }),
      )
      .describe("ZIP files of at most 4 GB each, once it is ready"),
    leftOut: z
      .array(z.object({ fileId: z.string(), reason: z.enum(["not-visible", "not-ready", "no-rendition"]) }))
      .describe(
        "not-visible: there is no such file, or you may not see it; no-rendition: it can't be told what else the file holds",
      ),
    failure: z
      .object({
        code: z.enum(["archive-empty", "archive-too-large", "processing-failed"]),
        detail: z.string(),
      })
      .optional(),
  })
  .meta({ id: "Archive" });

export const archiveResponseSchema = z.object({ archive: archiveSchema }).meta({ id: "ArchiveResponse" });

export type Archive = z.infer<typeof archiveSchema>;
export type CreateArchiveRequest = z.infer<typeof createArchiveSchema>;
