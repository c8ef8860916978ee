import { z } from "zod";
import { personNameSchema } from "./line-of-text.ts";
import { problemSchema } from "./problem.ts";
import { glassBreakSchema } from "./sharing.ts";
import {
  fileNameSchema,
  idSchema,
  metadataSchema,
  requestSchema,
  versionNumberSchema,
  visibilitySchema,
} from "./upload.ts";

export const derivativeNameSchema = z
  .string("A derivative must be a string.")
  .regex(/^[a-z0-9-]{1,32}$/, "A derivative's name is 1 to 32 of a-z, 0-9 and hyphens.");

/** Further than any document's pages. */
const maxPage = 1_000_000;

export const pageNumberSchema = z
  .int("A page is a whole number.")
  .min(1, "Pages count from 1.")
  .max(maxPage, `A page's number is at most ${maxPage}.`);

export const dispositionSchema = z.enum(["inline", "attachment"], 'disposition is "inline" or "attachment".');

/**
 * To anyone but its owner a file is what they would get: size and hash are the rendition's, and are left out where it has none, or is not
 * worked out yet; there are no metadata, no conflicts, and only the current version.
 */
export const fileSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    contentType: z.string(),
    sizeBytes: z.int().optional().describe("Of the bytes that one would get; always there for its owner"),
    sha256: z
      .string()
      .optional()
      .describe("Lower-case hex, of the bytes that one would get; always there for its owner"),
    owner: z.object({ id: z.string(), name: z.string().optional() }),
    state: z.enum(["ready", "quarantined", "trashed"]),
    visibility: visibilitySchema,
    shareOriginal: z
      .boolean()
      .optional()
      .describe("true where others get the bytes as they were sent, with places and all that is in them"),
    version: z.int().describe("Number of the current version"),
    conflicts: z
      .int()
      .describe(
        "How many versions are kept beside the current one because what they were to replace was not current any more",
      ),
    metadata: z.record(z.string(), z.string()),
    createdAt: z.string(),
    takenAt: z.string().optional(),
    trashedAt: z.string().optional(),
    quarantine: z
      .object({ at: z.string(), detail: z.string() })
      .optional()
      .describe(
        "Where a later scan found malware: nothing of the file is given out, and its owner may delete it for good",
      ),
    width: z.int().optional(),
    height: z.int().optional(),
    thumbhash: z.string().optional().describe("Base64"),
    pageCount: z.int().optional().describe("Of a PDF, from 1"),
    passwordProtected: z
      .boolean()
      .optional()
      .describe(
        "true for a PDF that can't be opened without a password: it has no derivatives and no pageCount",
      ),
    durationSeconds: z.number().optional().describe("Of a video"),
    activeContent: z
      .array(z.string())
      .optional()
      .describe(
        "What a reader could be made to run or fetch by it: javascript, launch, embedded-files, macros …; it is only ever given out as an attachment",
      ),
    rendition: z
      .object({
        kind: z.enum(["original", "stripped", "none"]),
        sizeBytes: z.int().optional(),
        sha256: z.string().optional(),
      })
      .optional()
      .describe(
        "What others than the owner get: the original where it holds nothing that is the owner's alone; a copy stripped of places and makers' notes, of this size and hash; or none but previews",
      ),
    derivatives: z.array(
      z.object({
        name: z.string(),
        contentType: z.string(),
        width: z.int(),
        height: z.int(),
        sizeBytes: z.int(),
      }),
    ),
    brokenGlass: z
      .array(glassBreakSchema)
      .optional()
      .describe(
        "For its owner: which operators gave themselves the right to see it, the last 100, the last one first; told for 90 days after that has ended",
      ),
    albumIds: z.array(z.string()).optional().describe("For its owner: the albums that it is in"),
    access: z.object({ can: z.array(z.string()), because: z.string() }),
  })
  .meta({ id: "File" });

export const fileListSchema = z
  .object({ items: z.array(fileSchema), nextCursor: z.string().nullable() })
  .meta({ id: "FileList" });

/** Albums that one file is in. */
const maxAlbumsPerFile = 20;

/** What of a file its owner changes; what is left out stays. */
export const changeFileSchema = z
  .strictObject({
    name: fileNameSchema.optional(),
    metadata: metadataSchema.optional().describe("In place of all the pairs that there were"),
    visibility: visibilitySchema
      .optional()
      .describe(
        '"private": those whom it is shared with by name, and in albums, alone; "organisation": the people of one\'s own, too; "public": everyone, without a token',
      ),
    shareOriginal: z
      .boolean("shareOriginal is true or false.")
      .optional()
      .describe(
        "true: those who may see the file get the bytes as they were sent, with the places, times and devices that stand in them. false (the default): they get its rendition",
      ),
    albumIds: z
      .array(idSchema, "albumIds must be an array.")
      .max(maxAlbumsPerFile, `A file is in at most ${maxAlbumsPerFile} albums.`)
      .optional()
      .describe(
        "The albums that it is to be in, in place of all that it was in; one may add to each. None that is sealed: `sealed`, what is there was seen already",
      ),
  })
  .refine(
    (change) => Object.values(change).some((member) => member !== undefined),
    "Say what to change: name, metadata, visibility, shareOriginal or albumIds.",
  )
  .meta({ id: "ChangeFile", minProperties: 1 });

export const downloadItemSchema = z.strictObject({
  id: idSchema,
  version: versionNumberSchema.optional().describe("Any of its history; the current one by default"),
  derivative: derivativeNameSchema
    .optional()
    .describe(
      '"original" (the default), "thumbnail", "preview", "poster", "page", "rendition" (what others than the owner get of its bytes), or another of the profile\'s: one that is not there yet is answered with `derivative-pending` until it is made',
    ),
  page: pageNumberSchema
    .optional()
    .describe("Of a PDF, from 1: the derivative shows that page. The first by default"),
  disposition: dispositionSchema
    .optional()
    .describe('"attachment" (the default); "inline" only for pictures that Stowage made'),
});

/** Most files that one mint of downloads takes. */
export const maxDownloadsPerRequest = 200;

export const createDownloadsSchema = z
  .strictObject({
    files: z
      .array(downloadItemSchema, "files must be an array.")
      .min(1, "files must name at least one file.")
      .max(maxDownloadsPerRequest, `files may name at most ${maxDownloadsPerRequest} files.`),
  })
  .meta({ id: "CreateDownloads" });

export const createDownloadsResponseSchema = z
  .object({
    items: z.array(
      z.object({ id: z.string(), request: requestSchema.optional(), problem: problemSchema.optional() }),
    ),
  })
  .meta({ id: "CreateDownloadsResponse" });

export const meSchema = z
  .object({
    id: z.string(),
    issuer: z.string(),
    subject: z.string(),
    email: z.string().optional(),
    name: z.string().optional(),
    organisation: z.string().optional(),
    createdAt: z.string(),
    scopes: z.array(z.string()),
    usedBytes: z.int(),
    reservedBytes: z.int(),
    quotaBytes: z.int().nullable().describe("null: no quota"),
    usedFiles: z.int().describe("Files that are not deleted for good, the trash included"),
    quotaFiles: z.int().nullable().describe("Of files and open uploads together; null: no quota"),
    organisationQuota: z
      .object({ totalBytes: z.int().nullable(), totalFiles: z.int().nullable() })
      .optional()
      .describe(
        "What all people of one's organisation may have together; null: no quota. Absent where there is none. How much of it is taken is told to nobody: that would tell what colleagues send, and when",
      ),
    openUploads: z.int(),
    limits: z.object({ openUploads: z.int().nullable(), createsPerMinute: z.int().nullable() }),
    profiles: z.array(
      z.object({
        name: z.string(),
        types: z.array(z.object({ contentType: z.string(), maxSizeBytes: z.int() })),
      }),
    ),
  })
  .meta({ id: "Me" });

/** `PATCH /v1/me` */
export const changeMeSchema = z
  .strictObject({
    name: personNameSchema
      .nullable()
      .describe("What others are shown: in lists of people, and in albums. null: as one's issuer says"),
  })
  .meta({ id: "ChangeMe" });

/** `DELETE /v1/me` */
export const deleteAccountSchema = z
  .strictObject({
    confirm: z.literal("delete everything", 'Say that you mean it: confirm is "delete everything".'),
  })
  .meta({ id: "DeleteAccount" });

export type File = z.infer<typeof fileSchema>;
export type FileList = z.infer<typeof fileListSchema>;
export type ChangeFileRequest = z.infer<typeof changeFileSchema>;
export type CreateDownloadsRequest = z.infer<typeof createDownloadsSchema>;
export type CreateDownloadsResponse = z.infer<typeof createDownloadsResponseSchema>;
export type Me = z.infer<typeof meSchema>;
