import type { FileSource, Uploader } from "@stowage/client";
import { albumsQuery } from "@stowage/react/albums";
import type { QueryClient } from "@tanstack/react-query";

/** An album is there no more: the list of them is asked for anew where it is shown, and not shown as it was. */
export const forgetAlbums = (queryClient: QueryClient, client: Uploader<FileSource>): void =>
  queryClient.removeQueries({ queryKey: albumsQuery(client).queryKey });
