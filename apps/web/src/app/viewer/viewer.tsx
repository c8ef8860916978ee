import type { File, FileVersion } from "@stowage/client";
import { useFile } from "@stowage/react";
import { Download, FileX, History, Info, Pencil, Trash2, UserPlus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "../chrome/dialog.tsx";
import { ToastPlace } from "../chrome/toasts.tsx";
import { useKeyDown } from "../chrome/use-key-down.ts";
import { useTitle } from "../chrome/use-title.ts";
import { useFileActions } from "../files/file-actions.tsx";
import { useKeptPictures } from "../kept/kept-context.tsx";
import { ShareDialog } from "../sharing/share-dialog.tsx";
import { atVersion } from "../versions/at-version.ts";
import { VersionStrip } from "../versions/version-strip.tsx";
import { VersionsPanel } from "../versions/versions-panel.tsx";
import { FileDetails } from "./file-details.tsx";
import { FileStage } from "./file-stage.tsx";
import { RenameForm } from "./rename-form.tsx";
import { StepButtons } from "./step-buttons.tsx";
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
  const kept = useKeptPictures().own;
  const dialog = useRef<HTMLDialogElement>(null);
  const [isRenaming, setRenaming] = useState(false);
  const [isSharing, setSharing] = useState(false);
  const [panel, setPanel] = useState<"details" | "versions">();
  const [seen, setSeen] = useState<{ readonly id: string; readonly version: FileVersion }>();
  const index = files.findIndex((each) => each.id === id);
  const previous = index > 0 ? files[index - 1] : undefined;
  const next = index >= 0 ? files[index + 1] : undefined;
  useTitle(file?.name ?? "File");
  usePreload(next);
  usePreload(previous);
  // Another version than the current one, of this file.
  const shown =
    panel === "versions" && seen?.id === id && seen.version.version !== file?.version
      ? seen.version
      : undefined;
  const toggle = (wanted: "details" | "versions") => {
    setPanel(panel === wanted ? undefined : wanted);
    setSeen(undefined);
  };
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
    // A question is asked, or one is at a version: the keys are not the file's.
    if (event.target instanceof Element && event.target.closest("dialog:is(.confirm, .panel)")) return;
    if (event.key === "Delete" && event.target instanceof Element && event.target.closest(".versions"))
      return;
    if (event.key === "ArrowLeft") show(previous);
    else if (event.key === "ArrowRight") show(next);
    else if (event.key === "i") toggle("details");
    else if (event.key === "v") toggle("versions");
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
      <div className="viewer-frame" data-panel={panel} {...swipe}>
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
                onClick={() => void actions.download(file, shown?.version)}
              >
                <Download aria-hidden="true" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label="Share"
                title="Share"
                data-share=""
                onClick={() => setSharing(true)}
              >
                <UserPlus aria-hidden="true" />
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
                aria-label="Versions"
                title="Versions"
                data-versions=""
                aria-expanded={panel === "versions"}
                onClick={() => toggle("versions")}
              >
                <History aria-hidden="true" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label="Details"
                title="Details"
                aria-expanded={panel === "details"}
                onClick={() => toggle("details")}
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
        {file && (
          <VersionStrip
            file={file}
            shown={shown}
            hasPanel={panel === "versions"}
            onShowCurrent={() => {
              setSeen(undefined);
              dialog.current?.querySelector<HTMLElement>(".versions h2")?.focus();
            }}
            onOpenPanel={() => {
              toggle("versions");
              dialog.current?.querySelector<HTMLElement>("[data-versions]")?.focus();
            }}
          />
        )}
        <div className="viewer-stage">
          {file && (
            <FileStage
              key={`${file.id} ${shown?.version}`}
              file={shown ? atVersion(file, shown) : file}
              kept={shown ? undefined : kept}
              onDownload={() => void actions.download(file, shown?.version)}
            />
          )}
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
          <StepButtons previous={previous} next={next} onShow={show} />
        </div>
        {file && panel === "details" && <FileDetails file={file} />}
        {file && panel === "versions" && (
          <VersionsPanel
            key={file.id}
            file={file}
            shown={shown}
            onShow={(version) => setSeen(version && { id: file.id, version })}
          />
        )}
      </div>
      {file && isSharing && <ShareDialog file={file} onClose={() => setSharing(false)} />}
      <ToastPlace />
    </Dialog>
  );
}
