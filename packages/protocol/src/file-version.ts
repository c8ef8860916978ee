import { z } from "zod";
import { fileSchema } from "./file.ts";

/** A version in a file's history. */
export const fileVersionSchema = z
  .object({
    version: z.int().describe("Counts from 1; none is given twice"),
    state: z
      .enum(["current", "superseded", "conflict"])
      .describe(
        "conflict: what it was to replace was not current any more; its owner makes it current or deletes it",
      ),
    name: z.string().describe("As it was sent; the file keeps its own"),
    ...fileSchema.pick({ contentType: true, sizeBytes: true, sha256: true }).required().shape,
    createdAt: z.string().describe("When it was ready"),
    uploadId: z.string(),
    ...fileSchema.pick({
      takenAt: true,
      width: true,
      height: true,
      thumbhash: true,
      pageCount: true,
      passwordProtected: true,
      durationSeconds: true,
      activeContent: true,
      rendition: true,
      derivatives: true,
    }).shape,
  })
  .meta({ id: "FileVersion" });

export const fileVersionListSchema = z
  .object({ items: z.array(fileVersionSchema), nextCursor: z.string().nullable() })
  .meta({ id: "FileVersionList" });

export type FileVersion = z.infer<typeof fileVersionSchema>;
export type FileVersionList = z.infer<typeof fileVersionListSchema>;
