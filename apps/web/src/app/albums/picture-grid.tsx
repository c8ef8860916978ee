import type { File } from "@stowage/client";
import { FileImage } from "@stowage/react/dom";
import { Film } from "lucide-react";
import { type CSSProperties, useEffect, useRef } from "react";
import { fileKind, shapeRatio } from "../files/file-kind.ts";
import { SheetFace } from "../files/file-tile.tsx";

/** Beyond these a picture is cut to its middle, as in the person's own files. */
const narrowest = 0.62;
const widest = 2.4;

/** Files of several people as rows of pictures, each a button that opens it. */
export function PictureGrid({
  files,
  label,
  onOpen,
  onNearEnd,
}: {
  readonly files: readonly File[];
  readonly label: string;
  readonly onOpen: (id: string) => void;
  /** The end is near, and more may come; absent: that was all. */
  readonly onNearEnd: (() => void) | undefined;
}) {
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!onNearEnd || !end.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onNearEnd(), {
      rootMargin: "800px",
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [onNearEnd]);
  return (
    <ul className="pictures" aria-label={label}>
      {files.map((file) => {
        const hasPicture = file.derivatives.some(({ name }) => name === "thumbnail");
        return (
          <li key={file.id} style={placeOf(file)}>
            <button
              type="button"
              className={hasPicture ? "tile-link" : "tile-link sheet"}
              data-file={file.id}
              aria-label={`Open ${file.name}`}
              onClick={() => onOpen(file.id)}
            >
              {hasPicture ? (
                <FileImage
                  file={file}
                  className="tile-picture"
                  style={{ width: "100%", height: "100%", aspectRatio: "auto" }}
                />
              ) : (
                <SheetFace file={file} />
              )}
              {hasPicture && fileKind(file) === "video" && (
                <span className="film-mark">
                  <Film role="img" aria-label="Video" />
                </span>
              )}
            </button>
          </li>
        );
      })}
      {onNearEnd && <li ref={end} className="pictures-end" aria-hidden="true" />}
    </ul>
  );
}

function placeOf(file: File): CSSProperties {
  const style: CSSProperties & Record<`--${string}`, number> = {
    "--ratio": Math.min(widest, Math.max(narrowest, shapeRatio(file))),
  };
  return style;
}
