import type { File } from "@stowage/client";
import { useFileUrl } from "@stowage/react";
import { useEffect } from "react";

/** Fetches a file's preview ahead, so that it is there when it is turned to. */
export function usePreload(file: File | undefined): void {
  const hasPreview = file?.derivatives.some(({ name }) => name === "preview") ?? false;
  const { url } = useFileUrl(file?.id ?? "", {
    derivative: "preview",
    version: file?.version,
    disposition: "inline",
    renew: false,
    enabled: hasPreview,
  });
  useEffect(() => {
    if (hasPreview && url) new Image().src = url;
  }, [hasPreview, url]);
}
