import type { UploadItem, UploadQueue } from "@stowage/react";
import { CircleAlert, CircleCheck, FileText, Film, Image, RotateCw, X } from "lucide-react";
import { memo } from "react";
import { fileKind } from "../files/file-kind.ts";
import { formatSize } from "../format/format-size.ts";
import { uploadState } from "./upload-words.ts";

const kindIcons = { picture: Image, video: Film, document: FileText };

/** One file on its way. It renders anew only where its own item changes. */
export const UploadRow = memo(function UploadRow({
  item,
  cancel,
  retry,
  dismiss,
}: { readonly item: UploadItem } & Pick<UploadQueue, "cancel" | "retry" | "dismiss">) {
  const { id, name, state } = item;
  const isOver = state === "ready" || state === "rejected" || state === "failed" || state === "cancelled";
  const isTrouble = state === "rejected" || state === "failed";
  const Icon = isTrouble ? CircleAlert : state === "ready" ? CircleCheck : kindIcons[fileKind(item)];
  return (
    <li className="upload" data-state={state}>
      <Icon className="upload-icon" aria-hidden="true" />
      <div className="upload-words">
        <p className="upload-name">
          <bdi>{name}</bdi>
        </p>
        <p className="upload-state">
          {uploadState(item)}
          {!isTrouble && <span className="upload-size"> · {formatSize(item.sizeBytes)}</span>}
        </p>
        {!isOver && (
          <progress
            aria-label={`Progress of ${name}`}
            max={1}
            {...(state === "checking" ? {} : { value: state === "saving" ? 0 : item.fraction })}
          />
        )}
      </div>
      {item.canRetry && (
        <button
          type="button"
          className="icon-button"
          aria-label={`Try ${name} again`}
          onClick={() => retry(id)}
        >
          <RotateCw aria-hidden="true" />
        </button>
      )}
      {isOver ? (
        state !== "ready" && (
          <button
            type="button"
            className="icon-button"
            aria-label={`Dismiss ${name}`}
            onClick={() => dismiss(id)}
          >
            <X aria-hidden="true" />
          </button>
        )
      ) : (
        <button
          type="button"
          className="icon-button"
          aria-label={`Cancel ${name}`}
          onClick={() => cancel(id)}
        >
          <X aria-hidden="true" />
        </button>
      )}
    </li>
  );
});
