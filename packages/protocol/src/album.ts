import { z } from "zod";
import { lineOfText, personNameSchema } from "./line-of-text.ts";
import { cursorSchema, limitSchema } from "./list.ts";
import { timeSchema } from "./sharing.ts";
import { idSchema } from "./upload.ts";

export const albumRoleSchema = z.enum(
  ["viewer", "contributor", "owner"],
  'A role is "viewer", "contributor" or "owner".',
);

const albumNameSchema = lineOfText("An album's name", 1024);

const shotsSchema = z
  .int("shotsPerMember must be a whole number.")
  .min(1, "shotsPerMember is at least 1.")
  .max(100_000, "shotsPerMember is at most 100000.")
  .describe("Uploads that each member may make to it; one that is rejected or aborted gives its shot back");

export const albumSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    owner: z.object({ id: z.string() }),
    role: albumRoleSchema.optional().describe("One's own; absent for who came by a link"),
    createdAt: z.string(),
    revealAt: z.string().optional().describe("When it is to be revealed; absent where it was never sealed"),
    revealedAt: z.string().optional(),
    sealed: z.boolean().describe("Nobody sees what is in it, owners included"),
    count: z.int().describe("Files in it; while it is sealed, all that is told of them"),
    shotsPerMember: z.int().optional(),
    shotsLeft: z.int().optional().describe("One's own"),
  })
  .meta({ id: "Album" });

export const createAlbumSchema = z
  .strictObject({
    name: albumNameSchema,
    revealAt: timeSchema("revealAt")
      .optional()
      .describe("Seals it until then: in the future, within ten years. Said now or never"),
    shotsPerMember: shotsSchema.optional(),
  })
  .meta({ id: "CreateAlbum" });

export const changeAlbumSchema = z
  .strictObject({
    name: albumNameSchema.optional(),
    revealAt: timeSchema("revealAt").optional().describe("While it is sealed: another time, in the future"),
    shotsPerMember: shotsSchema.nullable().optional().describe("null: as many as they like"),
  })
  .refine((change) => Object.keys(change).length > 0, "Say what to change: name, revealAt or shotsPerMember.")
  .meta({ id: "ChangeAlbum", minProperties: 1 });

export const albumListSchema = z
  .object({ items: z.array(albumSchema), nextCursor: z.string().nullable() })
  .meta({ id: "AlbumList" });

/** `GET /v1/albums`, `…/members`, `…/files` */
export const listAlbumsQuerySchema = z.strictObject({ limit: limitSchema, cursor: cursorSchema });

export const albumMemberSchema = z
  .object({
    userId: z.string(),
    role: albumRoleSchema,
    joinedAt: z.string(),
    name: z.string().optional().describe("As they were called when they accepted an invite"),
  })
  .meta({ id: "AlbumMember" });

export const setAlbumMemberSchema = z.strictObject({ role: albumRoleSchema }).meta({ id: "SetAlbumMember" });

export const albumMemberListSchema = z
  .object({ items: z.array(albumMemberSchema), nextCursor: z.string().nullable() })
  .meta({ id: "AlbumMemberList" });

export const albumParamsSchema = z.object({ id: idSchema });

export type Album = z.infer<typeof albumSchema>;
export type AlbumMember = z.infer<typeof albumMemberSchema>;
export type CreateAlbumRequest = z.infer<typeof createAlbumSchema>;
export type ChangeAlbumRequest = z.infer<typeof changeAlbumSchema>;

export const inviteRoleSchema = z.enum(
  ["viewer", "contributor"],
  'An invite\'s role is "viewer" or "contributor".',
);

export const createAlbumInviteSchema = z
  .strictObject({
    role: inviteRoleSchema,
    maxUses: z
      .int("maxUses must be a whole number.")
      .min(1, "maxUses is at least 1.")
      .max(10_000, "maxUses is at most 10000.")
      .optional()
      .describe("How many may join by it, 10000 at most; 100 by default"),
    expiresAt: timeSchema("expiresAt").optional().describe("Within 366 days; in 30 days by default"),
  })
  .meta({ id: "CreateAlbumInvite" });

export const albumInviteSchema = z
  .object({
    id: z.string(),
    role: inviteRoleSchema,
    createdAt: z.string(),
    expiresAt: z.string(),
    maxUses: z.int().nullable(),
    uses: z.int(),
  })
  .meta({ id: "AlbumInvite" });

/** What is told once, of a new one. */
export const newAlbumInviteSchema = albumInviteSchema
  .extend({
    token: z.string(),
    url: z.string().describe("A page of ours; the token stands behind its #, so that no server's log has it"),
    qr: z.string().describe("The URL as a QR code, an SVG"),
  })
  .meta({ id: "NewAlbumInvite" });

export const albumInviteListSchema = z
  .object({ items: z.array(albumInviteSchema), nextCursor: z.null() })
  .meta({ id: "AlbumInviteList" });

const inviteTokenSchema = z
  .string("token must be a string.")
  .regex(/^[A-Za-z0-9_-]{16,128}$/, "That is not a token of an invite.");

/** `POST /v1/invites/preview` */
export const previewAlbumInviteSchema = z
  .strictObject({ token: inviteTokenSchema })
  .meta({ id: "PreviewAlbumInvite" });

export const albumInvitePreviewSchema = z
  .object({
    album: z.object({
      id: z.string(),
      name: z.string(),
      sealed: z.boolean(),
      revealAt: z.string().optional(),
      shotsPerMember: z.int().optional(),
    }),
    role: inviteRoleSchema,
  })
  .meta({ id: "AlbumInvitePreview" });

export const acceptAlbumInviteSchema = z
  .strictObject({
    token: inviteTokenSchema.optional().describe("The invite's"),
    guestToken: z
      .string("guestToken must be a string.")
      .min(1, "guestToken is not empty.")
      .max(4096, "guestToken has at most 4096 characters.")
      .optional()
      .describe("Instead of token, signed in: takes over what one has as a guest of an album, and ends that"),
    name: personNameSchema.optional().describe("What one is called in the album. Guests must say one"),
  })
  .refine(
    ({ token, guestToken }) => (token === undefined) !== (guestToken === undefined),
    "Say one of token and guestToken.",
  )
  .meta({ id: "AcceptAlbumInvite" });

export const acceptedAlbumInviteSchema = z
  .object({
    album: albumSchema,
    guest: z.object({ id: z.string(), name: z.string() }).optional(),
    token: z
      .string()
      .optional()
      .describe("A guest's: to add to this album, and to read it once it is revealed"),
    expiresAt: z
      .string()
      .optional()
      .describe(
        "Of the token: 30 days after the reveal as it is said now, and after now; a reveal that is moved moves it",
      ),
  })
  .meta({ id: "AcceptedAlbumInvite" });

export type AlbumInvite = z.infer<typeof albumInviteSchema>;
export type NewAlbumInvite = z.infer<typeof newAlbumInviteSchema>;
export type AlbumInvitePreview = z.infer<typeof albumInvitePreviewSchema>;
export type AcceptedAlbumInvite = z.infer<typeof acceptedAlbumInviteSchema>;
export type AlbumList = z.infer<typeof albumListSchema>;
export type AlbumMemberList = z.infer<typeof albumMemberListSchema>;
export type AlbumInviteList = z.infer<typeof albumInviteListSchema>;
