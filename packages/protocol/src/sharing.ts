import { z } from "zod";
import { storableText } from "./text.ts";
import { idSchema } from "./upload.ts";

/** RFC 3339, with an offset. */
export const timeSchema = (what: string) =>
  z.iso.datetime({
    offset: true,
    error: `${what} is a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z.`,
  });

/** `PUT /v1/files/{id}/grants/{userId}` */
export const putGrantSchema = z
  .strictObject({
    endsAt: timeSchema("endsAt")
      .optional()
      .describe("From when on it is good for nothing: in the future. Absent: until it is taken back"),
  })
  .nullish()
  .meta({ id: "PutGrant" });

export const grantSchema = z
  .object({
    userId: z.string(),
    grantedAt: z.string(),
    endsAt: z.string().optional(),
    name: z.string().optional().describe("Of people of one's own organisation alone"),
    email: z
      .string()
      .optional()
      .describe(
        "The same; of whoever accepted an invite, the address that it was for, as its owner wrote it",
      ),
  })
  .meta({ id: "Grant" });

export const grantListSchema = z
  .object({ items: z.array(grantSchema), nextCursor: z.string().nullable() })
  .meta({ id: "GrantList" });

/** `POST /v1/files/{id}/break-glass` */
export const breakGlassSchema = z
  .strictObject({
    reason: storableText("reason", 10, 4000)
      .refine((reason) => [...reason].length <= 1000, "reason has at most 1000 characters.")
      .describe("Why, for the file's owner, who is told it: 10 to 1000 characters"),
  })
  .meta({ id: "BreakGlass" });

export const glassBreakSchema = z
  .object({
    at: z.string(),
    by: z.string().describe("The operator's id"),
    reason: z.string(),
    endsAt: z.string(),
  })
  .meta({ id: "BrokenGlass" });

/** `GET /v1/files/{id}/access` */
export const explainAccessQuerySchema = z.strictObject({ userId: idSchema });

export const accessSchema = z
  .object({
    userId: z.string(),
    can: z
      .array(z.string())
      .describe("read, history, change, share, delete: what they may; empty where nothing"),
    because: z.string(),
  })
  .meta({ id: "Access" });

/** `POST /v1/files/{id}/invites` */
export const inviteToFileSchema = z
  .strictObject({
    email: storableText("email", 3, 320)
      .regex(/^\s*[^\s@]+@[^\s@]+\s*$/u, "email is an address such as ann@example.com.")
      .describe(
        "Whoever signs in with it, verified, may accept. Compared with ASCII letters in lower case, without space around it, in NFC",
      ),
    endsAt: timeSchema("endsAt")
      .optional()
      .describe("When the right is to end, in the future. Absent: not by itself"),
  })
  .meta({ id: "InviteToFile" });

export const fileInviteSchema = z
  .object({
    id: z.string(),
    email: z.string().describe("As its owner wrote it"),
    createdAt: z.string(),
    expiresAt: z.string().describe("Until when it can be accepted"),
    endsAt: z.string().optional().describe("When the right ends that it gives"),
  })
  .meta({ id: "FileInvite" });

export const fileInviteListSchema = z
  .object({ items: z.array(fileInviteSchema), nextCursor: z.string().nullable() })
  .meta({ id: "FileInviteList" });

export const receivedInviteSchema = z
  .object({
    id: z.string(),
    file: z.object({ id: z.string(), name: z.string() }),
    from: z.object({ id: z.string(), name: z.string().optional(), email: z.string().optional() }),
    createdAt: z.string(),
    expiresAt: z.string(),
    endsAt: z.string().optional(),
  })
  .meta({ id: "ReceivedInvite" });

export const receivedInviteListSchema = z
  .object({ items: z.array(receivedInviteSchema), nextCursor: z.string().nullable() })
  .meta({ id: "ReceivedInviteList" });

export const acceptedInviteSchema = z
  .object({ fileId: z.string(), endsAt: z.string().optional() })
  .meta({ id: "AcceptedInvite" });

export type FileInvite = z.infer<typeof fileInviteSchema>;
export type ReceivedInvite = z.infer<typeof receivedInviteSchema>;
export type GlassBreak = z.infer<typeof glassBreakSchema>;
export type Access = z.infer<typeof accessSchema>;
export type Grant = z.infer<typeof grantSchema>;
export type GrantList = z.infer<typeof grantListSchema>;
export type FileInviteList = z.infer<typeof fileInviteListSchema>;
export type ReceivedInviteList = z.infer<typeof receivedInviteListSchema>;
export type AcceptedInvite = z.infer<typeof acceptedInviteSchema>;
