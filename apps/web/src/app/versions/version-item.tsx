import type { File, FileVersion } from "@stowage/client";
import { FileImage } from "@stowage/react/dom";
import { Download, FileText, Film, Trash2 } from "lucide-react";
import { fileKind, typeName } from "../files/file-kind.ts";
import { formatMoment } from "../format/format-date.ts";
import { formatSize } from "../format/format-size.ts";
import { atVersion, stateOf } from "./at-version.ts";
import { conflictWords, stateWords } from "./version-words.ts";

/** One version of a file: what it is, and what can be done with it. */
export function VersionItem({
  file,
  version,
  isShown,
  isBusy,
  onShow,
  onDownload,
  onRestore,
  onRemove,
}: {
  readonly file: File;
  readonly version: FileVersion;
  /** It is what is seen of the file now. */
  readonly isShown: boolean;
  readonly isBusy: boolean;
  readonly onShow: () => void;
  readonly onDownload: () => void;
  readonly onRestore: () => void;
  readonly onRemove: () => void;
}) {
  const { version: number, name } = version;
  const state = stateOf(file, version);
  const canChange = state !== "current" && file.state === "ready";
  return (
    <li className="version" data-state={state}>
      <button
        type="button"
        className="version-face"
        aria-label={`Show version ${number}`}
        title="Show"
        aria-pressed={isShown}
        onClick={onShow}
      >
        <VersionFace file={file} version={version} />
      </button>
      <div className="version-words">
        <p className="version-title">
          Version {number} <span className="version-state">{stateWords[state]}</span>
        </p>
        <p className="version-facts">
          <time dateTime={version.createdAt}>{formatMoment(version.createdAt)}</time>
        </p>
        <p className="version-facts">
          {typeName(version.contentType)} · {formatSize(version.sizeBytes)}
        </p>
        {name !== file.name && (
          <p className="version-facts">
            Sent as <bdi>{name}</bdi>
          </p>
        )}
        {state === "conflict" && <p className="version-conflict">{conflictWords}</p>}
        <div className="version-actions">
          {canChange && (
            <button
              type="button"
              className="text-button"
              aria-label={
                state === "conflict" ? `Make current: version ${number}` : `Restore version ${number}`
              }
              disabled={isBusy}
              onClick={onRestore}
            >
              {state === "conflict" ? "Make current" : "Restore"}
            </button>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label={`Download version ${number}`}
            title="Download"
            onClick={onDownload}
          >
            <Download aria-hidden="true" />
          </button>
          {canChange && (
            <button
              type="button"
              className="icon-button"
              aria-label={`Delete version ${number}`}
              title="Delete"
              disabled={isBusy}
              onClick={onRemove}
            >
              <Trash2 aria-hidden="true" />
            </button>
          )}
        </div>
      </div>
    </li>
  );
}

function VersionFace({ file, version }: { readonly file: File; readonly version: FileVersion }) {
  if (version.derivatives.some(({ name }) => name === "thumbnail"))
    return (
      <FileImage
        file={atVersion(file, version)}
        alt=""
        className="version-picture"
        style={{ aspectRatio: "1" }}
      />
    );
  const Icon = fileKind(version) === "video" ? Film : FileText;
  return <Icon aria-hidden="true" />;
}
