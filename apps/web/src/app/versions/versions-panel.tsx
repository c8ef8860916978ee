import type { File, FileVersion } from "@stowage/client";
import { useStowage } from "@stowage/react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { GitFork } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "../chrome/confirm-dialog.tsx";
import { failureWords } from "../chrome/failure-words.ts";
import { useFileActions } from "../files/file-actions.tsx";
import { formatMoment } from "../format/format-date.ts";
import { formatSize } from "../format/format-size.ts";
import { stateOf } from "./at-version.ts";
import { ReplaceControl } from "./replace-control.tsx";
import { refetchFile } from "./show-file.ts";
import { useReplacement } from "./use-replacement.ts";
import { useVersionChanges } from "./use-version-changes.ts";
import { VersionItem } from "./version-item.tsx";
import { conflictsWords } from "./version-words.ts";
import { versionsQuery } from "./versions-query.ts";

/** A file's history: each version to be seen, downloaded, made current or deleted; and the way to add one. */
export function VersionsPanel({
  file,
  shown,
  onShow,
}: {
  readonly file: File;
  /** What is seen of the file now; nothing where that is the current one. */
  readonly shown: FileVersion | undefined;
  readonly onShow: (version: FileVersion | undefined) => void;
}) {
  const { client } = useStowage();
  const actions = useFileActions();
  const changes = useVersionChanges();
  const replacing = useReplacement(file, changes);
  const history = useInfiniteQuery(versionsQuery(client, file));
  const versions = history.data?.pages.flatMap(({ items }) => items) ?? [];
  const [asked, setAsked] = useState<FileVersion>();
  const heading = useRef<HTMLHeadingElement>(null);
  useNewerThanShown(file, history.isFetching || history.isPlaceholderData ? [] : versions);

  // The button that was pressed goes: the focus must be somewhere.
  const afterwards = () => heading.current?.focus();
  const restore = ({ version }: FileVersion) => {
    onShow(undefined);
    afterwards();
    void changes.restore(file, version);
  };
  const remove = (version: FileVersion) => {
    setAsked(undefined);
    if (shown?.version === version.version) onShow(undefined);
    setTimeout(afterwards);
    void changes.remove(file, version.version);
  };

  const conflicts = conflictsWords(file);
  return (
    <aside className="side-panel versions" aria-label="Versions">
      <h2 ref={heading} tabIndex={-1}>
        Versions
      </h2>
      {file.state === "ready" && <ReplaceControl file={file} replacing={replacing} />}
      {conflicts && (
        <p className="versions-conflict">
          <GitFork aria-hidden="true" />
          <span>{conflicts} Make it current, or delete it.</span>
        </p>
      )}
      <ul className="version-list" aria-label="All versions" aria-busy={history.isPending}>
        {versions.map((version) => (
          <VersionItem
            key={version.version}
            file={file}
            version={version}
            isShown={version.version === (shown?.version ?? file.version)}
            isBusy={changes.isBusy}
            onShow={() => onShow(stateOf(file, version) === "current" ? undefined : version)}
            onDownload={() =>
              void actions.download(file, stateOf(file, version) === "current" ? undefined : version.version)
            }
            onRestore={() => restore(version)}
            onRemove={() => setAsked(version)}
          />
        ))}
      </ul>
      {history.isError && (
        <p role="alert" className="versions-failure">
          The history can’t be shown right now. {failureWords(history.error)}{" "}
          <button type="button" className="text-button" onClick={() => void history.refetch()}>
            Try again
          </button>
        </p>
      )}
      {history.hasNextPage && !history.isError && (
        <button
          type="button"
          className="button"
          disabled={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Show older versions
        </button>
      )}
      <p className="small-print">
        A new version takes this file’s place under the same name. The others stay here until you delete them,
        and count towards the room that you use.
      </p>
      {asked && (
        <ConfirmDialog
          title={`Delete version ${asked.version} for good?`}
          confirm="Delete for good"
          cancel="Keep it"
          onConfirm={() => remove(asked)}
          onCancel={() => setAsked(undefined)}
        >
          What was sent as <bdi>{asked.name}</bdi> on {formatMoment(asked.createdAt)} (
          {formatSize(asked.sizeBytes)}) goes from the server and can’t be brought back. The current version
          and all others stay.
        </ConfirmDialog>
      )}
    </aside>
  );
}

/** A history that knows of more than the file does was changed elsewhere meanwhile: the file is asked for anew. */
function useNewerThanShown({ id, version, conflicts }: File, versions: readonly FileVersion[]): void {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const isNewer =
    versions.some((each) => each.state === "current" && each.version !== version) ||
    versions.filter(({ state }) => state === "conflict").length > conflicts;
  useEffect(() => {
    if (isNewer) refetchFile(queryClient, client, id);
  }, [isNewer, queryClient, client, id]);
}
