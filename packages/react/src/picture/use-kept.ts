import type { FileCache } from "@stowage/client/offline";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { ImageFile } from "../dom/file-image.ts";
import { type FileUrl, fileUrlQuery } from "../files/file-queries.ts";
import { useStowage } from "../stowage-provider.ts";

export interface KeptPictures extends Pick<FileCache<Blob>, "cached" | "onGone"> {
  /** Such a picture is on the screen, wherever it came from: an application may keep what its person has seen. */
  seen?(fileId: string, derivative: string): void;
}

/** It works until it is taken back, which is done here. */
const endlessMs = 2 ** 31;

/** What has just been taken off the page may still be on its way to be drawn. */
const lingerMs = 1_000;

/**
 * Has `useFileUrl` (`disposition: "inline"`) answer with what this device keeps of a file's derivative, for as long as it is shown.
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
    const forget = (afterMs: number) => {
      if (url === undefined) return;
      setTimeout(URL.revokeObjectURL, afterMs, url);
      // Not what another that shows the same has put there.
      const isOurs = queryClient.getQueryData<FileUrl>(queryKey)?.url === url;
      if (isOurs) queryClient.removeQueries({ queryKey, exact: true });
      url = undefined;
    };
    const look = async () => {
      const found = await kept.cached(id, derivative);
      // Of another version it is another picture.
      if (isOver || found?.version !== version) return;
      url = URL.createObjectURL(found.blob);
      queryClient.setQueryData<FileUrl>(queryKey, { url, expiresInMs: endlessMs });
    };
    // Where this device's storage fails the network is all there is.
    look().catch(() => undefined);
    const stop = kept.onGone(
      ({ fileId }) => {
        if (fileId !== id) return;
        forget(0);
        // Also what came from the network and is on the screen.
        queryClient.removeQueries({ queryKey, exact: true });
        setGone((count) => count + 1);
      },
      [id],
    );
    return () => {
      isOver = true;
      stop();
      forget(lingerMs);
    };
  }, [kept, client, queryClient, id, version, derivative]);
  return gone;
}
