"use client";

export {
  albumCoverQuery,
  albumFilesQuery,
  albumInvitesQuery,
  albumMembersQuery,
  albumQuery,
  albumsKey,
  albumsQuery,
} from "./album-queries.ts";
