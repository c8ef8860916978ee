import type { File } from "@stowage/client";
import { useFiles } from "@stowage/react";
import { useSelection } from "@stowage/react/grid";
import { RotateCcw, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "../chrome/confirm-dialog.tsx";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { useFileActions } from "../files/file-actions.tsx";
import { GridSkeleton } from "../files/grid-skeleton.tsx";
import { ListHead } from "../files/list-head.tsx";
import { SelectionBar } from "../files/selection-bar.tsx";
import { trashDays } from "./days-left.ts";
import { TrashItem } from "./trash-item.tsx";

/** What was moved to the trash: to be restored, or deleted for good. */
export function TrashScreen() {
  const { files, isPending, isError, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useFiles({
      scope: "trash",
    });
  const selection = useSelection();
  const actions = useFileActions();
  const [asked, setAsked] = useState<readonly File[]>();
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle("Trash");

  const chosen = files.filter(({ id }) => selection.ids.has(id));
  // The button that was pressed goes with its file: the focus must be somewhere.
  const afterwards = () => heading.current?.focus();
  const restore = async (some: readonly File[]) => {
    selection.clear();
    afterwards();
    await actions.restore(some);
  };
  const purge = async (some: readonly File[]) => {
    setAsked(undefined);
    selection.clear();
    setTimeout(afterwards);
    await actions.purge(some);
  };
  const end = useRef<HTMLLIElement>(null);
  const canLoadMore = hasNextPage && !isFetchingNextPage && !isError;
  useEffect(() => {
    if (!canLoadMore || !end.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage(), {
      rootMargin: "600px",
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [canLoadMore, fetchNextPage]);

  return (
    <>
      {selection.isActive ? (
        <SelectionBar
          count={chosen.length}
          onClear={selection.clear}
          onAll={() => selection.all(files.map(({ id }) => id))}
        >
          <button
            type="button"
            className="button"
            disabled={chosen.length === 0}
            onClick={() => void restore(chosen)}
          >
            <RotateCcw aria-hidden="true" />
            Restore
          </button>
          <button
            type="button"
            className="button"
            disabled={chosen.length === 0}
            onClick={() => setAsked(chosen)}
          >
            <Trash2 aria-hidden="true" />
            Delete for good
          </button>
        </SelectionBar>
      ) : (
        <ListHead title="Trash" canChoose={files.length > 0} onChoose={selection.choose} heading={heading} />
      )}
      {isPending && <GridSkeleton />}
      {isError && files.length === 0 && (
        <LoadFailure what="The trash" detail={failureWords(error)} onRetry={() => void refetch()} />
      )}
      {!isPending && !isError && files.length === 0 && (
        <div className="empty">
          <Trash2 aria-hidden="true" />
          <h2>The trash is empty</h2>
          <p>What you move here can be restored for {trashDays} days.</p>
        </div>
      )}
      {files.length > 0 && (
        <>
          <p className="screen-note">
            Files are deleted for good {trashDays} days after they were moved here. Until then they count
            towards your room, and their pictures stay hidden.
          </p>
          <ul
            className="trash"
            aria-label="Files in the trash"
            data-selecting={selection.isActive || undefined}
          >
            {files.map((file) => (
              <TrashItem
                key={file.id}
                file={file}
                isChosen={selection.ids.has(file.id)}
                onToggle={() => selection.toggle(file.id)}
                onRestore={() => void restore([file])}
                onPurge={() => setAsked([file])}
              />
            ))}
            {hasNextPage && <li ref={end} className="trash-end" aria-hidden="true" />}
          </ul>
        </>
      )}
      {asked && (
        <ConfirmDialog
          title={
            asked.length === 1 ? (
              <>
                Delete <bdi>{asked[0]?.name}</bdi> for good?
              </>
            ) : (
              `Delete ${asked.length} files for good?`
            )
          }
          confirm="Delete for good"
          cancel="Keep"
          onConfirm={() => void purge(asked)}
          onCancel={() => setAsked(undefined)}
        >
          No bytes of {asked.length === 1 ? "it" : "them"} stay on this server, and nobody can bring{" "}
          {asked.length === 1 ? "it" : "them"} back.
        </ConfirmDialog>
      )}
    </>
  );
}
