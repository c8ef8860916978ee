import type { File } from "@stowage/client";
import { useFiles } from "@stowage/react";
import { type FileGridHandle, useNextPage, useSelection } from "@stowage/react/grid";
import { Trash2 } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useRef } from "react";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { loadLater } from "../load-later.ts";
import { EmptyFiles } from "./empty-files.tsx";
import { useFileActions } from "./file-actions.tsx";
import { FileGrid } from "./file-grid.tsx";
import { GridSkeleton } from "./grid-skeleton.tsx";
import { everything, type ListChoice, queryOf } from "./list-choice.ts";
import { ListHead } from "./list-head.tsx";
import { ListTools } from "./list-tools.tsx";
import { NothingFound } from "./nothing-found.tsx";
import { SearchField } from "./search-field.tsx";
import { SelectionBar } from "./selection-bar.tsx";

const Viewer = lazy(async () => ({ default: (await loadLater()).Viewer }));

const whenAdded = ({ createdAt }: File): string => createdAt;
const whenTaken = ({ takenAt, createdAt }: File): string => takenAt ?? createdAt;

/** The time that a list goes along, where it goes along one. */
const dayOf = ({ sort, words }: ListChoice) =>
  words !== "" || sort === "name" ? undefined : sort === "taken" ? whenTaken : whenAdded;

/** A person's files in the list that they chose; one of them may be open over the others. */
export function FilesScreen({
  choice,
  onChoice,
  openId,
  onOpen,
  onAddFiles,
}: {
  readonly choice: ListChoice;
  readonly onChoice: (choice: ListChoice, options?: { replace?: boolean }) => void;
  readonly openId: string | undefined;
  readonly onOpen: (id: string | undefined, options?: { replace?: boolean }) => void;
  readonly onAddFiles: () => void;
}) {
  const list = useFiles(queryOf(choice));
  const { files: found, isPending, isError, error, hasNextPage, fetchNextPage, refetch } = list;
  // Until another list is there the former one stays: the page does not blink at every letter.
  const last = useRef({ files: found, choice });
  if (!isPending) last.current = { files: found, choice };
  const { files } = last.current;
  const selection = useSelection();
  const actions = useFileActions();
  const grid = useRef<FileGridHandle>(null);
  const isOpen = openId !== undefined;
  useTitle(isOpen ? "File" : "Files");

  const nextPage = useNextPage(list);

  const { isActive, clear } = selection;
  useEffect(() => {
    if (!isActive || isOpen) return;
    const end = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) clear();
    };
    addEventListener("keydown", end);
    return () => removeEventListener("keydown", end);
  }, [isActive, isOpen, clear]);

  const hasWords = choice.words !== "";
  const isChosen = hasWords || choice.kind !== undefined;
  const isEmpty = !isPending && !isError && files.length === 0;
  const choose = (wanted: ListChoice, options?: { replace?: boolean }) => {
    clear();
    scrollTo({ top: 0 });
    onChoice(wanted, options);
  };
  const latest = useRef({ choose, hasWords });
  latest.current = { choose, hasWords };
  // Letters that follow on others are one search in the browser's history.
  const search = useCallback(
    (words: string) =>
      latest.current.choose({ ...everything, words }, { replace: latest.current.hasWords && words !== "" }),
    [],
  );

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
        <ListHead title="Files" canChoose={files.length > 0} onChoose={selection.choose}>
          {(isChosen || !isEmpty) && <SearchField words={choice.words} onWords={search} />}
        </ListHead>
      )}
      {!hasWords && (isChosen || !isEmpty) && <ListTools choice={choice} onChoice={choose} />}
      {hasWords && (
        <p className="found" role="status">
          {foundWords(isPending, found.length, hasNextPage)}
        </p>
      )}
      {isPending && files.length === 0 && <GridSkeleton />}
      {isError && files.length === 0 && (
        <LoadFailure what="Your files" detail={failureWords(error)} onRetry={() => void refetch()} />
      )}
      {isEmpty &&
        (isChosen ? (
          <NothingFound choice={choice} onAll={() => choose(everything)} />
        ) : (
          <EmptyFiles onAddFiles={onAddFiles} />
        ))}
      {files.length > 0 && (
        <>
          <FileGrid
            files={files}
            nextPage={nextPage}
            dayOf={dayOf(last.current.choice)}
            selection={selection}
            onOpen={onOpen}
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
            onNearEnd={nextPage.onEndReached}
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

function foundWords(isPending: boolean, count: number, hasMore: boolean): string {
  if (isPending) return "Searching…";
  const number = count.toLocaleString("en");
  return hasMore ? `${number} files, and more` : count === 1 ? "1 file" : `${number} files`;
}
