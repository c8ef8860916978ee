import type { File, FileVersion } from "@stowage/client";
import { formatMoment } from "../format/format-date.ts";
import { conflictsWords } from "./version-words.ts";

/** Above a file: that another version than the current one is seen, or that there are others beside it. */
export function VersionStrip({
  file,
  shown,
  hasPanel,
  onShowCurrent,
  onOpenPanel,
}: {
  readonly file: File;
  readonly shown: FileVersion | undefined;
  readonly hasPanel: boolean;
  readonly onShowCurrent: () => void;
  readonly onOpenPanel: () => void;
}) {
  const conflicts = conflictsWords(file);
  return (
    <div className="viewer-strip" role="status">
      {shown ? (
        <>
          <p>
            This is version {shown.version}, of {formatMoment(shown.createdAt)}.
          </p>
          <button type="button" className="text-button" onClick={onShowCurrent}>
            Show the current one
          </button>
        </>
      ) : (
        conflicts &&
        !hasPanel && (
          <>
            <p>{conflicts}</p>
            <button type="button" className="text-button" onClick={onOpenPanel}>
              See versions
            </button>
          </>
        )
      )}
    </div>
  );
}
