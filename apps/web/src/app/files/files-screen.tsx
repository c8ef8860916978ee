import { useFiles } from "@stowage/react";
import { Trash2 } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useRef } from "react";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { EmptyFiles } from "./empty-files.tsx";
import { useFileActions } from "./file-actions.tsx";
import { FileGrid, type GridHandle } from "./file-grid.tsx";
import { GridSkeleton } from "./grid-skeleton.tsx";
import { ListHead } from "./list-head.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { useSelection } from "./use-selection.ts";

const loadViewer = () => import("../viewer/viewer.tsx");
const Viewer = lazy(async () => ({ default: (await loadViewer()).Viewer }));

/** A person's files, newest first; one of them may be open over the others. */
export function FilesScreen({
  openId,
  onOpen,
  onAddFiles,
}: {
  readonly openId: string | undefined;
  readonly onOpen: (id: string | undefined, options?: { replace?: boolean }) => void;
  readonly onAddFiles: () => void;
}) {
  const list = useFiles();
  const { files, isPending, isError, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = list;
  const selection = useSelection();
  const actions = useFileActions();
  const grid = useRef<GridHandle>(null);
  const isOpen = openId !== undefined;
  useTitle(isOpen ? "File" : "Files");

  useEffect(() => {
    // Before it is wanted: by then the server may be out of reach. Where that is so already, opening tries again.
    loadViewer().catch(() => undefined);
  }, []);

  const fetchMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, fetchNextPage]);

  const { isActive, clear } = selection;
  useEffect(() => {
    if (!isActive || isOpen) return;
    const end = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) clear();
    };
    addEventListener("keydown", end);
    return () => removeEventListener("keydown", end);
  }, [isActive, isOpen, clear]);

  const trashChosen = async () => {
    const chosen = files.filter(({ id }) => selection.ids.has(id));
    selection.clear();
    await actions.trash(chosen);
  };

  return (
    <>
      {isActive ? (
        <SelectionBar
          count={selection.ids.size}
          onClear={clear}
          onAll={() => selection.all(files.map(({ id }) => id))}
        >
          <button
            type="button"
            className="button"
            disabled={selection.ids.size === 0}
            onClick={() => void trashChosen()}
          >
            <Trash2 aria-hidden="true" />
            Move to trash
          </button>
        </SelectionBar>
      ) : (
        <ListHead title="Files" canChoose={files.length > 0} onChoose={selection.choose} />
      )}
      {isPending && <GridSkeleton />}
      {isError && files.length === 0 && (
        <LoadFailure what="Your files" detail={failureWords(error)} onRetry={() => void refetch()} />
      )}
      {!isPending && !isError && files.length === 0 && <EmptyFiles onAddFiles={onAddFiles} />}
      {files.length > 0 && (
        <>
          <FileGrid
            files={files}
            isOpenEnded={hasNextPage}
            selection={selection}
            onOpen={onOpen}
            onNearEnd={fetchMore}
            handle={grid}
          />
          {isError && hasNextPage && (
            <p className="more">
              More files can’t be loaded right now.{" "}
              <button type="button" className="text-button" onClick={() => void fetchNextPage()}>
                Try again
              </button>
            </p>
          )}
        </>
      )}
      {isOpen && (
        <Suspense fallback={null}>
          <Viewer
            id={openId}
            files={files}
            onNearEnd={fetchMore}
            onShow={(id) => onOpen(id, { replace: true })}
            onClose={() => {
              onOpen(undefined);
              // After the dialog has gone: it gives the focus to what had it, which may be off the page by now.
              setTimeout(() => grid.current?.focus(openId));
            }}
          />
        </Suspense>
      )}
    </>
  );
}
