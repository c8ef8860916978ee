import type { File } from "@stowage/client";
import { Check, FileText, Film, Image, RotateCcw, Trash2 } from "lucide-react";
import { useId, useMemo } from "react";
import { fileKind, typeName } from "../files/file-kind.ts";
import { formatSize } from "../format/format-size.ts";
import { blurredPicture } from "./blurred-picture.ts";
import { daysLeft } from "./days-left.ts";

const kindIcons = { picture: Image, video: Film, document: FileText };

/** A file in the trash. Its content is given to nobody there, so a blur stands for it. */
export function TrashItem({
  file,
  isChosen,
  onToggle,
  onRestore,
  onPurge,
}: {
  readonly file: File;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
  readonly onRestore: () => void;
  readonly onPurge: () => void;
}) {
  const nameId = useId();
  const blur = useMemo(() => blurredPicture(file.thumbhash), [file.thumbhash]);
  const Icon = kindIcons[fileKind(file)];
  return (
    <li className="trash-item" data-selected={isChosen || undefined}>
      <div className="trash-face" style={blur ? { backgroundImage: `url("${blur}")` } : {}}>
        {!blur && <Icon aria-hidden="true" />}
        <label className="tile-check">
          <input type="checkbox" aria-label={`Select ${file.name}`} checked={isChosen} onChange={onToggle} />
          <span aria-hidden="true">
            <Check />
          </span>
        </label>
      </div>
      <div className="trash-words">
        <p className="trash-name" id={nameId}>
          <bdi>{file.name}</bdi>
        </p>
        <p className="trash-facts">
          {typeName(file.contentType)} · {formatSize(file.sizeBytes)}
          {file.trashedAt && !file.quarantine && ` · ${daysLeft(file.trashedAt, new Date())}`}
        </p>
        {file.quarantine && <p className="trash-facts">{file.quarantine.detail}</p>}
      </div>
      <div className="trash-actions">
        {!file.quarantine && (
          <button type="button" className="button" aria-describedby={nameId} onClick={onRestore}>
            <RotateCcw aria-hidden="true" />
            Restore
          </button>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label="Delete for good"
          title="Delete for good"
          aria-describedby={nameId}
          onClick={onPurge}
        >
          <Trash2 aria-hidden="true" />
        </button>
      </div>
    </li>
  );
}
