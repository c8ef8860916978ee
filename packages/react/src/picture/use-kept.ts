import type { FileCache } from "@stowage/client/offline";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { ImageFile } from "../dom/file-image.ts";
import { type FileUrl, fileUrlQuery } from "../files/file-url-query.ts";
import { useStowage } from "../stowage-provider.ts";

export type KeptPictures = Pick<FileCache<Blob>, "cached" | "onGone">;

/** It works until it is taken back, which is done here. */
const endlessMs = 2 ** 31;

/**
 * Has `useFileUrl` answer with what this device keeps of a picture, for as long as it is shown.
 *
 * @returns a number that is another one once what was shown must not be seen any more
 */
export function useKept(
  kept: KeptPictures | undefined,
  { id, version }: ImageFile,
  derivative: string,
): number {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const [gone, setGone] = useState(0);
  useEffect(() => {
    if (!kept) return;
    const { queryKey } = fileUrlQuery(client, id, { derivative, version, disposition: "inline" });
    let url: string | undefined;
    let isOver = false;
    const forget = () => {
      if (url === undefined) return;
      URL.revokeObjectURL(url);
      url = undefined;
      queryClient.removeQueries({ queryKey, exact: true });
    };
    const look = async () => {
      const found = await kept.cached(id, derivative);
      if (!found || isOver) return;
      url = URL.createObjectURL(found.blob);
      queryClient.setQueryData<FileUrl>(queryKey, { url, expiresInMs: endlessMs });
    };
    void look();
    const stop = kept.onGone(
      ({ fileId }) => {
        if (fileId !== id) return;
        forget();
        // Also what came from the network and is on the screen.
        queryClient.removeQueries({ queryKey, exact: true });
        setGone((count) => count + 1);
      },
      [id],
    );
    return () => {
      isOver = true;
      stop();
      forget();
    };
  }, [kept, client, queryClient, id, version, derivative]);
  return gone;
}
