import type { File } from "@stowage/client";
import { type GridTile, TilePicture } from "@stowage/react/grid";
import { FileText, Film } from "lucide-react";
import { formatLength } from "../format/format-length.ts";
import { useKeptPictures } from "../kept/kept-context.tsx";
import { fileKind, typeName } from "./file-kind.ts";

const hasPicture = ({ derivatives }: File): boolean => derivatives.some(({ name }) => name === "thumbnail");

/** The class of what a tile's face is in. */
export const tileClass = (file: File): string => (hasPicture(file) ? "tile-link" : "tile-link sheet");

/** What is seen of a file in a grid: its picture, or its type and name. */
export function TileFace({
  file,
  width,
  height,
  isOthers = false,
}: GridTile & {
  /** It may be somebody else's, who can take it back at any time. */
  readonly isOthers?: boolean;
}) {
  const { own, others } = useKeptPictures();
  if (!hasPicture(file)) return <SheetFace file={file} />;
  return (
    <>
      <TilePicture
        file={file}
        width={width}
        height={height}
        kept={isOthers ? others : own}
        className="tile-picture"
        fallback={null}
      />
      {fileKind(file) === "video" && <FilmMark file={file} />}
    </>
  );
}

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
function SheetFace({ file }: { readonly file: File }) {
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
