import type { File } from "@stowage/client";
import { useFileUrl } from "@stowage/react";
import { FilePicture, type KeptPictures, useKept } from "@stowage/react/picture";
import { FileText, Film, ZoomIn, ZoomOut } from "lucide-react";
import { type CSSProperties, useState } from "react";
import { useKeyDown } from "../chrome/use-key-down.ts";
import { fileKind, largePicture, typeName } from "../files/file-kind.ts";
import { formatSize } from "../format/format-size.ts";

interface StageProps {
  readonly file: File;
  /** Pictures that are kept on this device, where they are of this version. */
  readonly kept?: KeptPictures | undefined;
}

/** A file as large as there is room. */
export function FileStage({ file, kept, onDownload }: StageProps & { readonly onDownload: () => void }) {
  const kind = fileKind(file);
  if (kind === "picture" && file.derivatives.some(({ name }) => name === "preview"))
    return <PictureStage file={file} kept={kept} />;
  if (kind === "video") return <VideoStage file={file} kept={kept} onDownload={onDownload} />;
  if (largePicture(file) === "page") return <PageStage file={file} kept={kept} />;
  const words = file.passwordProtected
    ? "It is protected by a password. Download it to open it."
    : "Download it to read it.";
  return <SheetStage file={file} onDownload={onDownload} words={words} />;
}

/** The first page of a document. */
function PageStage({ file, kept }: StageProps) {
  const page = file.derivatives.find(({ name }) => name === "page");
  return (
    <div className="picture" style={frameOf(page?.width, page?.height)}>
      <div className="picture-frame">
        <FilePicture
          file={file}
          kept={kept}
          derivative="page"
          first={kept ? "thumbnail" : "page"}
          alt={`${file.name}, page 1`}
          fit="contain"
          loading="eager"
          className="picture-preview"
          fallback={<p>The page can’t be loaded right now.</p>}
        />
      </div>
    </div>
  );
}

function frameOf(width = 1, height = 1): CSSProperties {
  const frame: CSSProperties & Record<`--${string}`, number | string> = {
    "--ratio": width / height,
    "--natural-width": `${width}px`,
    "--natural-height": `${height}px`,
  };
  return frame;
}

/** Browsers show these as they are; of others there is the preview. */
const shownByBrowsers: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "image/avif",
]);

function PictureStage({ file, kept }: StageProps) {
  const [isZoomed, setZoomed] = useState(false);
  const { width = 1, height = 1 } = file;
  // A preview of a moving picture stands still.
  const isMoving = file.contentType === "image/gif";
  const canZoom = shownByBrowsers.has(file.contentType) && Math.max(width, height) > 1600;
  const { url } = useFileUrl(file.id, {
    version: file.version,
    disposition: "inline",
    renew: false,
    enabled: isMoving || isZoomed,
  });
  // Only a picture that has more to show than fits can be zoomed.
  useKeyDown((event) => {
    if (canZoom && event.key === "z" && !event.ctrlKey && !event.metaKey) setZoomed(!isZoomed);
  });
  return (
    <>
      <div className="picture" data-zoomed={isZoomed || undefined} style={frameOf(width, height)}>
        <div className="picture-frame">
          <FilePicture
            file={file}
            kept={kept}
            derivative="preview"
            // Of what is kept there may be the thumbnail alone.
            first={kept ? "thumbnail" : "preview"}
            fit="contain"
            loading="eager"
            className="picture-preview"
            fallback={<p>The picture can’t be loaded right now.</p>}
          />
          {url && (isMoving || isZoomed) && (
            <img className="picture-original" src={url} alt="" draggable={false} />
          )}
        </div>
      </div>
      {canZoom && (
        <button
          type="button"
          className="icon-button zoom"
          aria-label={isZoomed ? "Fit to window" : "Actual size"}
          title={isZoomed ? "Fit to window" : "Actual size"}
          onClick={() => setZoomed(!isZoomed)}
        >
          {isZoomed ? <ZoomOut aria-hidden="true" /> : <ZoomIn aria-hidden="true" />}
        </button>
      )}
    </>
  );
}

function VideoStage({ file, kept, onDownload }: StageProps & { readonly onDownload: () => void }) {
  const [hasFailed, setFailed] = useState(false);
  const { url } = useFileUrl(file.id, { version: file.version, renew: false });
  const poster = usePoster(file, kept);
  if (hasFailed)
    return (
      <SheetStage
        file={file}
        onDownload={onDownload}
        words="This browser can’t play it. Download it to watch it."
      />
    );
  return (
    <div className="video" style={file.width && file.height ? frameOf(file.width, file.height) : {}}>
      {/* A person's own recording comes without captions. */}
      <video
        src={url}
        poster={poster}
        controls
        playsInline
        preload="metadata"
        aria-label={file.name}
        onError={() => url && setFailed(true)}
      >
        <track kind="captions" />
      </video>
    </div>
  );
}

/** A frame of a video, as large as there is one: it is there before the video, and in its place. */
function usePoster(file: File, kept: KeptPictures | undefined): string | undefined {
  const derivative = largePicture(file) ?? file.derivatives.find(({ name }) => name === "thumbnail")?.name;
  useKept(kept, file, derivative ?? "");
  const { url } = useFileUrl(file.id, {
    derivative,
    version: file.version,
    disposition: "inline",
    renew: false,
    enabled: derivative !== undefined,
  });
  return url;
}

function SheetStage({
  file,
  onDownload,
  words,
}: {
  readonly file: File;
  readonly onDownload: () => void;
  readonly words: string;
}) {
  const Icon = fileKind(file) === "video" ? Film : FileText;
  return (
    <div className="sheet-stage">
      <Icon aria-hidden="true" />
      <p className="sheet-stage-name">
        <bdi>{file.name}</bdi>
      </p>
      <p>
        {typeName(file.contentType)} · {formatSize(file.sizeBytes)}
      </p>
      <p>{words}</p>
      <button type="button" className="button primary" onClick={onDownload}>
        Save to this device
      </button>
    </div>
  );
}
