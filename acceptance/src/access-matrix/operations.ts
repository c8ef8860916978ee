import { randomUUID } from "node:crypto";
import type { AlbumRight, Right } from "./rule.ts";

/** A request about one thing, but for the thing's id. */
export interface AboutFile {
  readonly kind: "file";
  /** What one must be allowed. */
  readonly needs: Right;
  /** How it refuses who may read the file, but has no such right. Default: 403. */
  readonly refusedWith?: number;
  /** How it refuses the owner of a sealed file, who knows that there is one. Default: as if there were none. */
  readonly whenSealed?: number;
  /** Whether the route is open to who has no token, for what is public. Default: not. */
  readonly isOpen?: true;
  /** Whether it leads to bytes, which are given out of what is ready alone: of the rest its owner hears 404 too, with the reason. */
  readonly isContent?: true;
  /** Where its id is a parameter of the query: which. Default: it is in the path. */
  readonly queryParameter?: string;
  /** What its query must have. */
  readonly queryAlso?: string;
  /** In place of `{version}`, `{userId}` and the like. Default: a random id. */
  readonly parameters?: Readonly<Record<string, () => string>>;
  readonly json?: () => unknown;
  /** What an answer says to who is allowed: that they were let through, even if the request is then refused for another reason. */
  readonly reached: readonly number[];
}

/** A request about an upload: its maker's alone. */
export interface AboutUpload extends Pick<AboutFile, "parameters" | "json" | "queryParameter" | "queryAlso"> {
  readonly kind: "upload";
}

/** A request about an album. */
export interface AboutAlbum
  extends Pick<AboutFile, "parameters" | "json" | "queryParameter" | "queryAlso" | "reached"> {
  readonly kind: "album";
  readonly needs: AlbumRight;
  /** Whether it would change the world, so that those who may are not asked. Default: it does not. */
  readonly isLasting?: true;
  /** How it refuses those who may while the album is sealed. Default: it does not. */
  readonly whenSealed?: number;
  /** Whether who came by a link, and is no member, is told nothing of it. Default: they are. */
  readonly isMembers?: true;
}

/** What an operation gives out, and how it is held to the rule. */
export type Sink =
  | AboutFile
  | AboutUpload
  | AboutAlbum
  /** A list or a batch: held by a test of its own, named here. */
  | { readonly kind: "several"; readonly heldBy: string }
  /** Of whoever asks alone: nothing of anybody else's is in any answer. */
  | { readonly kind: "own"; readonly json?: () => unknown }
  /** Open to all, and about nothing of anybody's. */
  | { readonly kind: "open" }
  /** Takes a secret of a program's, no person's token. */
  | { readonly kind: "programs" };

const version = { version: () => "1" };

/** Every operation of `/openapi.json`. One that is not here fails the suite: say what it gives out to whom. */
export const sinks: ReadonlyMap<string, Sink> = new Map<string, Sink>([
  ["GET /v1/files", { kind: "several", heldBy: "lists" }],
  ["POST /v1/downloads", { kind: "several", heldBy: "downloads" }],
  ["POST /v1/uploads/complete", { kind: "several", heldBy: "completions" }],
  ["GET /v1/uploads", { kind: "several", heldBy: "uploads" }],

  ["GET /v1/files/{id}", { kind: "file", needs: "read", reached: [200] }],
  [
    "GET /v1/files/{id}/content",
    { kind: "file", needs: "read", isOpen: true, isContent: true, reached: [302, 503] },
  ],
  [
    "PATCH /v1/files/{id}",
    { kind: "file", needs: "change", reached: [428], json: () => ({ name: "b.jpg" }) },
  ],
  ["DELETE /v1/files/{id}", { kind: "file", needs: "delete", reached: [428] }],
  ["POST /v1/files/{id}/restore", { kind: "file", needs: "change", reached: [428] }],
  ["GET /v1/files/{id}/versions", { kind: "file", needs: "history", reached: [200] }],
  [
    "POST /v1/files/{id}/versions/{version}/restore",
    { kind: "file", needs: "change", reached: [428], parameters: version },
  ],
  [
    "DELETE /v1/files/{id}/versions/{version}",
    { kind: "file", needs: "change", reached: [428], parameters: version },
  ],

  ["GET /v1/files/{id}/grants", { kind: "file", needs: "share", reached: [200] }],
  ["GET /v1/files/{id}/grants/{userId}", { kind: "file", needs: "share", reached: [404] }],
  [
    "PUT /v1/files/{id}/grants/{userId}",
    { kind: "file", needs: "share", whenSealed: 409, reached: [200, 409], json: () => ({}) },
  ],
  [
    "DELETE /v1/files/{id}/grants/{userId}",
    { kind: "file", needs: "share", whenSealed: 409, reached: [404] },
  ],
  [
    "GET /v1/files/{id}/access",
    { kind: "file", needs: "share", reached: [200], queryAlso: "userId=somebody" },
  ],
  [
    "POST /v1/files/{id}/invites",
    {
      kind: "file",
      needs: "share",
      reached: [201, 409],
      whenSealed: 409,
      json: () => ({ email: "a@example.test" }),
    },
  ],
  ["GET /v1/files/{id}/invites", { kind: "file", needs: "share", reached: [200] }],
  [
    "DELETE /v1/files/{id}/invites/{inviteId}",
    { kind: "file", needs: "share", whenSealed: 409, reached: [404] },
  ],
  ["GET /v1/invites", { kind: "own" }],
  ["POST /v1/invites/{id}/accept", { kind: "several", heldBy: "invites" }],
  ["DELETE /v1/invites/{id}", { kind: "several", heldBy: "invites" }],
  ["GET /v1/users", { kind: "several", heldBy: "people" }],
  ["POST /v1/files/{id}/break-glass", { kind: "several", heldBy: "broken glass" }],
  ["GET /v1/files/{id}/links", { kind: "file", needs: "share", whenSealed: 409, reached: [200] }],
  [
    "POST /v1/files/{id}/links",
    { kind: "file", needs: "share", reached: [201, 409], whenSealed: 409, json: () => ({}) },
  ],
  ["DELETE /v1/files/{id}/links/{linkId}", { kind: "file", needs: "share", whenSealed: 409, reached: [404] }],
  ["GET /v1/albums/{id}/links", { kind: "album", needs: "manage", reached: [200] }],
  [
    "POST /v1/albums/{id}/links",
    { kind: "album", needs: "manage", reached: [201, 409], whenSealed: 409, json: () => ({}) },
  ],
  ["DELETE /v1/albums/{id}/links/{linkId}", { kind: "album", needs: "manage", reached: [404] }],
  ["POST /v1/links/open", { kind: "several", heldBy: "opening links" }],

  ["GET /v1/albums", { kind: "several", heldBy: "lists of albums" }],
  ["POST /v1/albums", { kind: "own", json: () => ({}) }],
  ["GET /v1/albums/{id}", { kind: "album", needs: "see", reached: [200] }],
  ["PATCH /v1/albums/{id}", { kind: "album", needs: "manage", reached: [428], json: () => ({ name: "b" }) }],
  ["DELETE /v1/albums/{id}", { kind: "album", needs: "manage", reached: [428] }],
  ["POST /v1/albums/{id}/reveal", { kind: "album", needs: "manage", reached: [200], isLasting: true }],
  ["GET /v1/albums/{id}/files", { kind: "album", needs: "list", reached: [200] }],
  ["DELETE /v1/albums/{id}/files/{fileId}", { kind: "album", needs: "see", reached: [404] }],
  ["GET /v1/albums/{id}/members", { kind: "album", needs: "see", reached: [200], isMembers: true }],
  ["GET /v1/albums/{id}/members/{userId}", { kind: "album", needs: "see", reached: [404] }],
  [
    "PUT /v1/albums/{id}/members/{userId}",
    { kind: "album", needs: "manage", reached: [200], json: () => ({ role: "viewer" }) },
  ],
  ["DELETE /v1/albums/{id}/members/{userId}", { kind: "album", needs: "manage", reached: [404] }],
  [
    "POST /v1/albums/{id}/invites",
    { kind: "album", needs: "manage", reached: [201], json: () => ({ role: "viewer" }) },
  ],
  ["GET /v1/albums/{id}/invites", { kind: "album", needs: "manage", reached: [200] }],
  ["DELETE /v1/albums/{id}/invites/{inviteId}", { kind: "album", needs: "manage", reached: [404] }],
  ["POST /v1/invites/preview", { kind: "several", heldBy: "invites to albums" }],
  ["POST /v1/invites/accept", { kind: "several", heldBy: "invites to albums" }],

  [
    "GET /v1/audit",
    { kind: "file", needs: "history", reached: [200], refusedWith: 404, queryParameter: "fileId" },
  ],

  ["GET /v1/uploads/{id}", { kind: "upload" }],
  ["DELETE /v1/uploads/{id}", { kind: "upload" }],
  ["POST /v1/uploads/{id}/complete", { kind: "upload" }],
  ["GET /v1/uploads/{id}/parts", { kind: "upload" }],
  ["POST /v1/uploads/{id}/urls", { kind: "upload", json: () => ({}) }],

  [
    "POST /v1/uploads",
    {
      kind: "own",
      json: () => ({
        files: [
          {
            name: "own.png",
            sizeBytes: 9,
            contentType: "image/png",
            sha256: "0".repeat(64),
            ref: randomUUID(),
          },
        ],
      }),
    },
  ],
  ["GET /v1/tokens", { kind: "own" }],
  ["POST /v1/tokens", { kind: "own", json: () => ({ expiresInSeconds: 60 }) }],
  ["DELETE /v1/tokens/{id}", { kind: "several", heldBy: "what a program has" }],
  ["GET /v1/me", { kind: "own" }],
  ["POST /v1/me/sign-out-everywhere", { kind: "several", heldBy: "what ends a token" }],
  ["PATCH /v1/me", { kind: "several", heldBy: "what changes a profile" }],
  ["DELETE /v1/me", { kind: "several", heldBy: "what ends a token" }],
  ["POST /v1/me/export", { kind: "several", heldBy: "archives" }],
  ["POST /v1/archives", { kind: "several", heldBy: "archives" }],
  ["GET /v1/archives/{id}", { kind: "several", heldBy: "archives" }],

  ["POST /v1/store-events", { kind: "programs" }],
  ["GET /metrics", { kind: "open" }],
  ["GET /healthz", { kind: "open" }],
  ["GET /readyz", { kind: "open" }],
  ["GET /openapi.json", { kind: "open" }],
  ["GET /.well-known/oauth-protected-resource", { kind: "open" }],
]);
