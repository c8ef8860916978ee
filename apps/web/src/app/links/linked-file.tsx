import type { File } from "@stowage/client";
import { createBrowserUploader } from "@stowage/client/browser";
import { StowageProvider, useStowage } from "@stowage/react";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import { downloadFrom } from "../files/download-from.ts";
import { typeName } from "../files/file-kind.ts";
import { formatSize } from "../format/format-size.ts";
import { FileStage } from "../viewer/file-stage.tsx";

/** So often before it is said that it can't be had: a copy for others may be made first. */
const maxAttempts = 6;

/** A file that somebody came to by a link, as large as there is room. */
export function LinkedFile({ file, token }: { readonly file: File; readonly token: string }) {
  const [client] = useState(() =>
    createBrowserUploader({
      getToken: async (refused) => (refused === undefined ? token : undefined),
      maxAttempts,
    }),
  );
  return (
    <StowageProvider client={client}>
      <Shown file={file} />
    </StowageProvider>
  );
}

function Shown({ file }: { readonly file: File }) {
  const { client } = useStowage();
  const [said, setSaid] = useState("");
  useTitle(file.name);
  const hasBytes = file.rendition?.kind !== "none";

  const download = async () => {
    setSaid("One moment…");
    try {
      const { url } = await client.files.download(file.id);
      downloadFrom(url);
      setSaid("");
    } catch {
      setSaid("It can’t be had right now: the link may have ended. Load the page again.");
    }
  };

  return (
    <div className="viewer link-page">
      <div className="viewer-frame">
        <header className="viewer-bar">
          <Wordmark />
          <h1 className="viewer-name">
            <bdi>{file.name}</bdi>
          </h1>
          <p className="link-facts">
            {typeName(file.contentType)}
            {file.sizeBytes !== undefined && ` · ${formatSize(file.sizeBytes)}`}
          </p>
          {hasBytes && (
            <button type="button" className="button primary" onClick={() => void download()}>
              <Download aria-hidden="true" />
              Download
            </button>
          )}
        </header>
        <p className="link-said" role="status">
          {said}
        </p>
        <main className="viewer-stage">
          <FileStage file={file} onDownload={() => void download()} />
        </main>
      </div>
    </div>
  );
}
