import type { File } from "@stowage/client";
import { useStowage } from "@stowage/react";
import { Download, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Dialog } from "../chrome/dialog.tsx";
import { useKeyDown } from "../chrome/use-key-down.ts";
import { downloadFrom } from "../files/download-from.ts";
import { useKeptPictures } from "../kept/kept-context.tsx";
import { FileStage } from "../viewer/file-stage.tsx";
import { StepButtons } from "../viewer/step-buttons.tsx";
import { usePreload } from "../viewer/use-preload.ts";
import { useSwipe } from "../viewer/use-swipe.ts";

/** One picture of a list over the others, as large as the window: what somebody may do who does not own it. */
export function PictureViewer({
  id,
  files,
  onShow,
  onClose,
  onNearEnd,
  actions,
}: {
  readonly id: string;
  /** Those that it is one of, in their order. */
  readonly files: readonly File[];
  readonly onShow: (id: string) => void;
  readonly onClose: () => void;
  readonly onNearEnd?: (() => void) | undefined;
  /** Beside Download. */
  readonly actions?: (file: File) => ReactNode;
}) {
  const { client } = useStowage();
  const kept = useKeptPictures().others;
  const [said, setSaid] = useState("");
  const index = files.findIndex((each) => each.id === id);
  const file = files[index];
  const previous = files[index - 1];
  const next = files[index + 1];
  usePreload(next);
  usePreload(previous);
  const show = (target: File | undefined) => {
    setSaid("");
    if (target) onShow(target.id);
  };
  const swipe = useSwipe({
    onLeft: () => show(next),
    onRight: () => show(previous),
    onDown: onClose,
  });
  useEffect(() => {
    if (index >= files.length - 2) onNearEnd?.();
  }, [index, files.length, onNearEnd]);
  useKeyDown((event) => {
    if (event.target instanceof HTMLVideoElement || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") show(previous);
    else if (event.key === "ArrowRight") show(next);
    else return;
    event.preventDefault();
  });
  const download = async (target: File) => {
    setSaid("One moment…");
    try {
      const { url } = await client.files.download(target.id);
      downloadFrom(url);
      setSaid("");
    } catch {
      setSaid("It can’t be had right now. Try again in a moment.");
    }
  };
  if (!file) return null;
  return (
    <Dialog className="viewer" label={file.name} onClose={onClose} closesByBackdrop={false}>
      <div className="viewer-frame" {...swipe}>
        <header className="viewer-bar">
          <button
            type="button"
            className="icon-button close-viewer"
            aria-label="Close"
            data-autofocus
            onClick={onClose}
          >
            <X aria-hidden="true" />
          </button>
          <h1 className="viewer-name">
            <bdi>{file.name}</bdi>
          </h1>
          <div className="viewer-actions">
            {file.rendition?.kind !== "none" && (
              <button
                type="button"
                className="icon-button"
                aria-label="Download"
                title="Download"
                onClick={() => void download(file)}
              >
                <Download aria-hidden="true" />
              </button>
            )}
            {actions?.(file)}
          </div>
        </header>
        <p className="link-said" role="status">
          {said}
        </p>
        <div className="viewer-stage">
          <FileStage key={file.id} file={file} kept={kept} onDownload={() => void download(file)} />
          <StepButtons previous={previous} next={next} onShow={show} />
        </div>
      </div>
    </Dialog>
  );
}
