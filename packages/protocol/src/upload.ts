import { z } from "zod";
import { problemSchema } from "./problem.ts";
import { rejectionSchema } from "./rejection.ts";
import { storableText } from "./text.ts";

/** Most files that one create takes. */
export const maxFilesPerCreate = 100;

/** Bytes up to which a file is sent in a single PUT; what is larger goes in parts. */
export const singlePutLimitBytes = 20_000_000;

/** An S3 object ends at 5 TiB; what is larger is a mistake, not a file that is too large. */
const maxDeclarableBytes = 5 * 1024 ** 4;

/** Lower-case hex. */
export const sha256Schema = z
  .string("A SHA-256 must be a string of 64 lower-case hexadecimal digits.")
  .regex(/^[0-9a-f]{64}$/, "A SHA-256 is 64 lower-case hexadecimal digits.");

/** RFC 6838 section 4.2, lower case, without parameters. */
export const contentTypeSchema = z
  .string("A content type must be a string.")
  .max(127, "A content type has at most 127 characters.")
  .regex(
    /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/,
    "A content type looks like image/jpeg: lower case, no parameters.",
  );

export const metadataSchema = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
        "A metadata key is 1 to 64 letters, digits, dots, hyphens or underscores.",
      ),
    storableText("A metadata value", 0, 1024),
    "Metadata must be an object of strings.",
  )
  .refine((pairs) => Object.keys(pairs).length <= 16, "At most 16 metadata pairs.");

export const refSchema = storableText("A ref", 1, 512).refine(
  (ref) => [...ref].length <= 128,
  "A ref has at most 128 characters.",
);

export const fileNameSchema = storableText("A file name", 1, 4096).describe(
  "Kept as it came; never part of a path or key",
);

export const idSchema = z
  .string("An id must be a string.")
  .min(1, "An id must not be empty.")
  .max(64, "No id is that long.");

/** Who else may see a file, beside those that it is granted to or who are in an album with it. */
export const visibilitySchema = z.enum(
  ["private", "organisation", "public"],
  'visibility is "private", "organisation" or "public".',
);

/** Of a version of a file. */
export const versionNumberSchema = z.int("version must be a whole number.").min(1, "Versions count from 1.");

/** What a client says of a file that it wants to send. */
export const fileIntentSchema = z
  .strictObject({
    ref: refSchema
      .optional()
      .describe("The client's own name for this upload; the same ref again answers the same upload"),
    name: fileNameSchema,
    sizeBytes: z
      .int("sizeBytes must be a whole number.")
      .min(0, "sizeBytes must not be negative.")
      .max(maxDeclarableBytes, "sizeBytes is larger than any object can be (5 TiB).")
      .describe("Bytes"),
    contentType: contentTypeSchema,
    sha256: sha256Schema
      .optional()
      .describe(`Lower-case hex; required up to ${singlePutLimitBytes} bytes, which go in a single PUT`),
    profile: z
      .string("A profile must be a string.")
      .regex(/^[a-z0-9-]{1,64}$/, "A profile's name is 1 to 64 of a-z, 0-9 and hyphens.")
      .optional(),
    metadata: metadataSchema.optional(),
    replaces: z
      .strictObject(
        { fileId: idSchema, version: versionNumberSchema },
        "replaces must be an object with the file's id and the version that is replaced.",
      )
      .optional()
      .describe(
        "Makes it a version of that file: current, or kept beside it as a conflict where another one is current by then. Needs the scope files:write too",
      ),
    albumId: idSchema
      .optional()
      .describe(
        "The album that it goes to, where one may add to it; one that is sealed has it sealed until its reveal",
      ),
    visibility: visibilitySchema
      .optional()
      .describe(
        "To whom the file is shown once it is ready; what its profile says by default. A file whose version it replaces keeps its own",
      ),
  })
  .meta({ id: "FileIntent" });

export const createUploadsSchema = z
  .strictObject({
    files: z
      .array(fileIntentSchema, "files must be an array.")
      .min(1, "files must name at least one file.")
      .max(maxFilesPerCreate, `files may name at most ${maxFilesPerCreate} files.`),
  })
  .meta({ id: "CreateUploads" });

/** A presigned request. */
export const requestSchema = z
  .object({
    method: z.enum(["PUT", "GET"]),
    url: z.string(),
    headers: z
      .record(z.string(), z.string())
      .describe("Exactly what a browser must set: never host or content-length"),
    expiresInSeconds: z.int(),
    partNumber: z.int().optional(),
  })
  .meta({ id: "PresignedRequest" });

export const transferSchema = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("put"), request: requestSchema }),
    z.object({ kind: z.literal("multipart"), partSizeBytes: z.int(), partCount: z.int() }),
  ])
  .meta({ id: "Transfer" });

const uploadStateNames = ["pending", "uploaded", "verifying", "ready", "rejected", "aborted"] as const;

export const uploadStateSchema = z.enum(uploadStateNames, `state is one of: ${uploadStateNames.join(", ")}.`);

export const uploadEventSchema = z
  .object({ at: z.string(), type: z.string(), detail: z.string() })
  .meta({ id: "UploadEvent" });

export const uploadSchema = z
  .object({
    id: z.string(),
    ref: z.string().nullable(),
    fileId: z
      .string()
      .describe(
        "The file that it becomes, which answers 404 until it is ready; or whose version it replaces",
      ),
    replaces: z.object({ fileId: z.string(), version: z.int() }).optional().describe("As it was asked for"),
    state: uploadStateSchema,
    name: z.string(),
    sizeBytes: z.int(),
    contentType: z.string(),
    sha256: z
      .string()
      .optional()
      .describe("Lower-case hex: as declared, once ready as computed; absent where neither was"),
    metadata: z.record(z.string(), z.string()),
    albumId: z.string().optional().describe("The album that it goes to"),
    createdAt: z.string(),
    expiresAt: z.string().optional().describe("While pending: when it is aborted unless its bytes arrive"),
    expiresInSeconds: z.int().optional(),
    transfer: transferSchema.optional().describe("While pending, where a request was asked for"),
    rejection: rejectionSchema.optional(),
    events: z.array(uploadEventSchema).optional().describe("The timeline, oldest first"),
  })
  .meta({ id: "Upload" });

/** What is told of an upload that has ended and went to an album that is sealed, also to who sent it. */
export const sealedUploadSchema = z
  .object({ id: z.string(), state: uploadStateSchema, rejection: rejectionSchema.optional() })
  .meta({ id: "SealedUpload", description: "An upload that has ended and went to an album that is sealed" });

/** An upload, or what is told of it. */
export const toldUploadSchema = z.union([uploadSchema, sealedUploadSchema]);

export const createUploadItemSchema = z
  .object({
    ref: z.string().nullable(),
    upload: toldUploadSchema.optional(),
    problem: problemSchema.optional(),
  })
  .meta({ id: "CreateUploadItem", description: "Either upload or problem" });

export const createUploadsResponseSchema = z
  .object({ items: z.array(createUploadItemSchema) })
  .meta({ id: "CreateUploadsResponse" });

export const uploadResponseSchema = z.object({ upload: toldUploadSchema }).meta({ id: "UploadResponse" });

export const completeUploadsSchema = z
  .strictObject({
    ids: z
      .array(idSchema, "ids must be an array.")
      .min(1, "ids must name at least one upload.")
      .max(maxFilesPerCreate, `ids may name at most ${maxFilesPerCreate} uploads.`),
  })
  .meta({ id: "CompleteUploads" });

export const completeUploadsResponseSchema = z
  .object({
    items: z.array(
      z.object({ id: z.string(), upload: toldUploadSchema.optional(), problem: problemSchema.optional() }),
    ),
  })
  .meta({ id: "CompleteUploadsResponse" });

export const uploadListSchema = z
  .object({ items: z.array(toldUploadSchema), nextCursor: z.string().nullable() })
  .meta({ id: "UploadList" });

export type FileIntent = z.infer<typeof fileIntentSchema>;
export type CreateUploadsRequest = z.infer<typeof createUploadsSchema>;
export type CreateUploadsResponse = z.infer<typeof createUploadsResponseSchema>;
export type CreateUploadItem = z.infer<typeof createUploadItemSchema>;
export type WireRequest = z.infer<typeof requestSchema>;
export type Transfer = z.infer<typeof transferSchema>;
export type Upload = z.infer<typeof uploadSchema>;
export type SealedUpload = z.infer<typeof sealedUploadSchema>;
export type ToldUpload = z.infer<typeof toldUploadSchema>;
export type UploadEvent = z.infer<typeof uploadEventSchema>;
export type CompleteUploadsResponse = z.infer<typeof completeUploadsResponseSchema>;
export type UploadList = z.infer<typeof uploadListSchema>;
