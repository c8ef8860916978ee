import type { File } from "@stowage/client";
import { useFile } from "@stowage/react";
import { ChevronLeft, ChevronRight, Download, FileX, Info, Pencil, Trash2, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "../chrome/dialog.tsx";
import { ToastPlace } from "../chrome/toasts.tsx";
import { useKeyDown } from "../chrome/use-key-down.ts";
import { useTitle } from "../chrome/use-title.ts";
import { useFileActions } from "../files/file-actions.tsx";
import { FileDetails } from "./file-details.tsx";
import { FileStage } from "./file-stage.tsx";
import { RenameForm } from "./rename-form.tsx";
import { usePreload } from "./use-preload.ts";
import { useSwipe } from "./use-swipe.ts";

export interface ViewerProps {
  readonly id: string;
  /** Those that it is one of, in their order. */
  readonly files: readonly File[];
  readonly onNearEnd: () => void;
  readonly onShow: (id: string) => void;
  readonly onClose: () => void;
}

/** One file over all others, as large as the window. */
export function Viewer({ id, files, onNearEnd, onShow, onClose }: ViewerProps) {
  const { data: file, isError } = useFile(id);
  const actions = useFileActions();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isRenaming, setRenaming] = useState(false);
  const [hasDetails, setDetails] = useState(false);
  const index = files.findIndex((each) => each.id === id);
  const previous = index > 0 ? files[index - 1] : undefined;
  const next = index >= 0 ? files[index + 1] : undefined;
  useTitle(file?.name ?? "File");
  usePreload(next);
  usePreload(previous);
  const swipe = useSwipe({
    onLeft: () => next && onShow(next.id),
    onRight: () => previous && onShow(previous.id),
    onDown: onClose,
  });

  useEffect(() => {
    if (index >= files.length - 2) onNearEnd();
  }, [index, files.length, onNearEnd]);

  const show = (target: File | undefined) => {
    setRenaming(false);
    if (target) onShow(target.id);
  };
  useKeyDown((event) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLVideoElement) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") show(previous);
    else if (event.key === "ArrowRight") show(next);
    else if (event.key === "i") setDetails(!hasDetails);
    else if (event.key === "Delete" && file) void moveToTrash(file);
    else return;
    event.preventDefault();
  });
  const moveToTrash = async (target: File) => {
    // What comes next is shown at once; with the last one the viewer closes.
    const following = next ?? previous;
    if (following) onShow(following.id);
    else onClose();
    await actions.trash([target]);
  };
  const endRenaming = () => {
    setRenaming(false);
    dialog.current?.querySelector<HTMLElement>("[data-rename]")?.focus();
  };

  return (
    <Dialog
      className="viewer"
      label={file?.name ?? "File"}
      onClose={onClose}
      closesByBackdrop={false}
      dialogRef={dialog}
    >
      <div className="viewer-frame" data-details={hasDetails || undefined} {...swipe}>
        <header className="viewer-bar" data-renaming={isRenaming || undefined}>
          <button
            type="button"
            className="icon-button close-viewer"
            aria-label="Close"
            data-autofocus
            onClick={onClose}
          >
            <X aria-hidden="true" />
          </button>
          {file && isRenaming ? (
            <RenameForm
              key={file.id}
              name={file.name}
              onRename={(name) => {
                endRenaming();
                void actions.rename(file, name);
              }}
              onCancel={endRenaming}
            />
          ) : (
            file && (
              <h1 className="viewer-name">
                <bdi>{file.name}</bdi>
              </h1>
            )
          )}
          {file && (
            <div className="viewer-actions">
              <button
                type="button"
                className="icon-button"
                aria-label="Download"
                title="Download"
                onClick={() => void actions.download(file)}
              >
                <Download aria-hidden="true" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label="Rename"
                title="Rename"
                data-rename=""
                aria-expanded={isRenaming}
                onClick={() => setRenaming(!isRenaming)}
              >
                <Pencil aria-hidden="true" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label="Details"
                title="Details"
                aria-expanded={hasDetails}
                onClick={() => setDetails(!hasDetails)}
              >
                <Info aria-hidden="true" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label="Move to trash"
                title="Move to trash"
                onClick={() => void moveToTrash(file)}
              >
                <Trash2 aria-hidden="true" />
              </button>
            </div>
          )}
        </header>
        <div className="viewer-stage">
          {file && <FileStage key={file.id} file={file} onDownload={() => void actions.download(file)} />}
          {!file && isError && (
            <div className="state-panel">
              <FileX aria-hidden="true" />
              <h1>This file is not here</h1>
              <p>It may have been deleted, or the link is not quite right.</p>
              <button type="button" className="button" onClick={onClose}>
                Back to files
              </button>
            </div>
          )}
          {previous && (
            <button
              type="button"
              className="step previous"
              aria-label="Previous"
              onClick={() => show(previous)}
            >
              <ChevronLeft aria-hidden="true" />
            </button>
          )}
          {next && (
            <button type="button" className="step next" aria-label="Next" onClick={() => show(next)}>
              <ChevronRight aria-hidden="true" />
            </button>
          )}
        </div>
        {file && hasDetails && <FileDetails file={file} />}
      </div>
      <ToastPlace />
    </Dialog>
  );
}
