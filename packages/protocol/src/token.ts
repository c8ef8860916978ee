import { z } from "zod";
import { listQuerySchema } from "./list.ts";
import { idSchema, metadataSchema } from "./upload.ts";

/** Scopes that a person can delegate; auditing and operating are done by who signed in. */
export const delegableScopes = ["uploads:write", "files:read", "files:write", "albums:write"] as const;

export type DelegableScope = (typeof delegableScopes)[number];

/** Shortest and longest life of a token, and that of one for which nothing is said. Seconds. */
export const tokenLifetimeSeconds = { least: 60, most: 2_592_000, usual: 86_400 } as const;

const mostFiles = 1_000_000;
const mostBytes = 2 ** 50;

const profileNameSchema = z
  .string("A profile must be a string.")
  .regex(/^[a-z0-9-]{1,64}$/, "A profile's name is 1 to 64 of a-z, 0-9 and hyphens.");

/** What bounds sending; a token with one of them does nothing else. */
const bounds = {
  profile: profileNameSchema.optional().describe("Every file is sent by this profile. Any by default"),
  albumId: idSchema
    .optional()
    .describe("Every file is sent to this album, to which one may add. By default to any, or to none"),
  metadata: metadataSchema
    .optional()
    .describe("Pairs that every file has, besides those that come with it. None by default"),
  maxFiles: z
    .int("maxFiles is a whole number.")
    .min(1, "maxFiles is at least 1.")
    .max(mostFiles, `maxFiles is at most ${mostFiles}.`)
    .optional()
    .describe(
      "How many uploads may be created in all; what fails or is aborted counts too. As many as one may oneself by default",
    ),
  maxBytes: z
    .int("maxBytes is a whole number.")
    .min(1, "maxBytes is at least 1.")
    .max(mostBytes, "maxBytes is at most 1 PiB.")
    .optional()
    .describe("How many bytes they may have together, as declared. As many as one may oneself by default"),
};

const { least, most } = tokenLifetimeSeconds;

export const mintTokenSchema = z
  .strictObject({
    scopes: z
      .array(
        z.enum(delegableScopes, `A token can have these scopes: ${delegableScopes.join(", ")}.`),
        "scopes must be a list.",
      )
      .min(1, "A token has a scope at least.")
      .max(delegableScopes.length, `There are ${delegableScopes.length} scopes.`)
      .optional()
      .describe("Of those that the token has by which it is asked for. `uploads:write` by default"),
    ...bounds,
    expiresInSeconds: z
      .int("expiresInSeconds is a whole number.")
      .min(least, `expiresInSeconds is at least ${least}.`)
      .max(most, `expiresInSeconds is at most ${most} (30 days).`)
      .optional()
      .describe(`How long it is good for, ${least} seconds to 30 days. A day by default`),
  })
  .superRefine((wish, context) => {
    if (!wish.scopes?.some((scope) => scope !== "uploads:write")) return;
    for (const name of ["profile", "albumId", "metadata", "maxFiles", "maxBytes"] as const)
      if (wish[name] !== undefined)
        context.addIssue({
          code: "custom",
          path: [name],
          message: `${name} bounds what is sent: it goes with the scope uploads:write alone.`,
        });
  })
  .meta({ id: "MintToken" });

export const tokenSchema = z
  .object({
    id: z.string(),
    token: z.string().optional().describe("Only in the answer that minted it: it can't be shown again"),
    scopes: z.array(z.enum(delegableScopes)),
    ...bounds,
    sentFiles: z.int().describe("Uploads that were created by it"),
    sentBytes: z.int().describe("Their declared sizes together"),
    createdAt: z.string(),
    expiresAt: z.string(),
    expiresInSeconds: z.int(),
  })
  .meta({ id: "Token" });

export const tokenListSchema = z
  .object({ items: z.array(tokenSchema), nextCursor: z.string().nullable() })
  .meta({ id: "TokenList" });

/** `GET /v1/tokens` */
export const listTokensQuerySchema = listQuerySchema;

export type MintTokenRequest = z.infer<typeof mintTokenSchema>;
export type Token = z.infer<typeof tokenSchema>;
export type TokenList = z.infer<typeof tokenListSchema>;
