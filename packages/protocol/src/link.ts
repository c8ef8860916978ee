import { z } from "zod";
import { albumSchema } from "./album.ts";
import { fileSchema } from "./file.ts";
import { storableText } from "./text.ts";

/** So few characters would be found within the tries that a link allows. */
const minPassphraseCharacters = 8;

const passphraseSchema = storableText("passphrase", 1, 512);

/** Most openings that a link can be bounded to. */
const mostOpens = 1_000_000;

export const createLinkSchema = z
  .strictObject({
    expiresAt: z.iso
      .datetime({
        offset: true,
        error: "expiresAt must be a time of RFC 3339, such as 2026-12-24T18:00:00Z.",
      })
      .optional()
      .describe("Within 366 days. In 30 days by default"),
    passphrase: passphraseSchema
      .refine(
        (text) => [...text].length >= minPassphraseCharacters,
        `passphrase must have at least ${minPassphraseCharacters} characters.`,
      )
      .optional()
      .describe("Who opens the link has to know it; nobody can read it again. None by default"),
    maxOpens: z
      .int("maxOpens is a whole number.")
      .min(1, "maxOpens is at least 1.")
      .max(mostOpens, `maxOpens is at most ${mostOpens}.`)
      .optional()
      .describe("How often it can be opened. As often as anybody likes by default"),
  })
  .meta({ id: "CreateLink" });

export const linkSchema = z
  .object({
    id: z.string(),
    url: z
      .string()
      .optional()
      .describe(
        "The page that opens it, with the token behind the #. Only in the answer that made it: it is kept nowhere",
      ),
    token: z.string().optional().describe("Only in the answer that made it: it is kept nowhere"),
    createdAt: z.string(),
    expiresAt: z.string(),
    hasPassphrase: z.boolean(),
    maxOpens: z.int().optional().describe("Absent: as often as anybody likes"),
    opens: z.int().describe("How often it was opened"),
  })
  .meta({ id: "Link" });

export const linkListSchema = z
  .object({ items: z.array(linkSchema), nextCursor: z.string().nullable() })
  .meta({ id: "LinkList" });

export const openLinkSchema = z
  .strictObject({
    token: z
      .string("token must be a string.")
      .min(1, "token must not be empty.")
      .max(512, "No token is that long."),
    passphrase: passphraseSchema.optional(),
  })
  .meta({ id: "OpenLink" });

export const openedLinkSchema = z
  .object({
    token: z
      .string()
      .describe("A capability token: a Bearer that reads what the link is to, and nothing else"),
    expiresInSeconds: z.int().describe("At most an hour, and no longer than the link"),
    target: z.object({ kind: z.enum(["file", "album"]), id: z.string() }),
    file: fileSchema.optional().describe("Where the link is to a file"),
    album: albumSchema
      .optional()
      .describe("Where the link is to an album, whose files GET /v1/albums/{id}/files lists"),
  })
  .meta({ id: "OpenedLink" });

export type CreateLinkRequest = z.infer<typeof createLinkSchema>;
export type Link = z.infer<typeof linkSchema>;
export type LinkList = z.infer<typeof linkListSchema>;
export type OpenLinkRequest = z.infer<typeof openLinkSchema>;
export type OpenedLink = z.infer<typeof openedLinkSchema>;
