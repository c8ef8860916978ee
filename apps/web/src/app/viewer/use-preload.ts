import type { File } from "@stowage/client";
import { useFileUrl } from "@stowage/react";
import { useEffect } from "react";
import { largePicture } from "../files/file-kind.ts";

/** Fetches a file's large picture ahead, so that it is there when it is turned to. */
export function usePreload(file: File | undefined): void {
  const derivative = file && largePicture(file);
  const { url } = useFileUrl(file?.id ?? "", {
    derivative,
    version: file?.version,
    disposition: "inline",
    renew: false,
    enabled: derivative !== undefined,
  });
  useEffect(() => {
    if (derivative && url) new Image().src = url;
  }, [derivative, url]);
}
