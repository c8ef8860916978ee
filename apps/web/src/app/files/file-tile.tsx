import type { File } from "@stowage/client";
import { FileImage } from "@stowage/react/dom";
import { Check, FileText, Film } from "lucide-react";
import { type MouseEvent, memo } from "react";
import { formatLength } from "../format/format-length.ts";
import { filePath } from "../screens/screen-of.ts";
import { fileKind, largePicture, typeName } from "./file-kind.ts";

export interface FileTileProps {
  readonly file: File;
  readonly index: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isChosen: boolean;
  readonly onPress: (event: MouseEvent, id: string) => void;
  readonly onToggle: (id: string) => void;
}

/** A thumbnail that is blown up by more than this looks soft: the large picture is taken. */
const softBeyond = 1.6;

/** A file in the grid: its picture, or its type and name. */
export const FileTile = memo(function FileTile({
  file,
  index,
  left,
  top,
  width,
  height,
  isChosen,
  onPress,
  onToggle,
}: FileTileProps) {
  const hasPicture = file.derivatives.some(({ name }) => name === "thumbnail");
  return (
    <li
      className="tile"
      data-chosen={isChosen || undefined}
      style={{ transform: `translate(${left}px, ${top}px)`, width, height }}
    >
      <a
        href={filePath(file.id)}
        className={hasPicture ? "tile-link" : "tile-link sheet"}
        data-index={index}
        onClick={(event) => onPress(event, file.id)}
        draggable={false}
      >
        {hasPicture ? (
          <>
            <FileImage
              file={file}
              derivative={derivativeFor(file, width, height)}
              loading="eager"
              className="tile-picture"
              style={{ width: "100%", height: "100%", aspectRatio: "auto" }}
            />
            {fileKind(file) === "video" && <FilmMark file={file} />}
          </>
        ) : (
          <SheetFace file={file} />
        )}
      </a>
      <label className="tile-check">
        <input
          type="checkbox"
          aria-label={`Select ${file.name}`}
          checked={isChosen}
          onChange={() => onToggle(file.id)}
        />
        <span aria-hidden="true">
          <Check />
        </span>
      </label>
    </li>
  );
});

/** What tells the picture of a film from a photograph, and how long it is. */
function FilmMark({ file: { durationSeconds } }: { readonly file: File }) {
  return (
    <span className="film-mark">
      <Film role="img" aria-label="Video" />
      {durationSeconds !== undefined && <span>{formatLength(durationSeconds)}</span>}
    </span>
  );
}

/** What stands for a file without a picture. */
export function SheetFace({ file }: { readonly file: File }) {
  const Icon = fileKind(file) === "video" ? Film : FileText;
  return (
    <>
      <Icon aria-hidden="true" />
      <span className="sheet-name">
        <bdi>{file.name}</bdi>
      </span>
      <span className="sheet-type" aria-hidden="true">
        {typeName(file.contentType)}
      </span>
    </>
  );
}

function derivativeFor(file: File, width: number, height: number): string {
  const thumbnail = file.derivatives.find(({ name }) => name === "thumbnail");
  const large = largePicture(file);
  if (!thumbnail || !large) return "thumbnail";
  const blowUp = Math.max(width / thumbnail.width, height / thumbnail.height) * devicePixelRatio;
  return blowUp > softBeyond && !savesData() ? large : "thumbnail";
}

/** What a person told their browser; few browsers pass it on. */
const savesData = (): boolean =>
  "connection" in navigator &&
  typeof navigator.connection === "object" &&
  navigator.connection !== null &&
  "saveData" in navigator.connection &&
  navigator.connection.saveData === true;
