import { hasEnded } from "@stowage/client";
import type { UploadItem, UploadQueue } from "@stowage/react";
import { CircleAlert, CircleCheck, FileText, Film, Image, Pause, Play, RotateCw, X } from "lucide-react";
import { memo } from "react";
import { fileKind } from "../files/file-kind.ts";
import { formatSize } from "../format/format-size.ts";
import { AddAgain } from "./add-again.tsx";
import { uploadState } from "./upload-words.ts";

const kindIcons = { picture: Image, video: Film, document: FileText };

const pausable: ReadonlySet<UploadItem["state"]> = new Set([
  "saved",
  "sending",
  "waiting-for-network",
  "waiting-for-sign-in",
]);

/** One file on its way. It renders anew only where its own item changes. */
export const UploadRow = memo(function UploadRow({
  item,
  queue,
}: {
  readonly item: UploadItem;
  /** The same object at every rendering. */
  readonly queue: UploadQueue;
}) {
  const { id, name, state } = item;
  const isOver = hasEnded(item);
  const needsPerson = state === "rejected" || state === "failed" || state === "needs-file";
  const Icon = needsPerson ? CircleAlert : state === "ready" ? CircleCheck : kindIcons[fileKind(item)];
  return (
    <li className="upload" data-state={state}>
      <Icon className="upload-icon" aria-hidden="true" />
      <div className="upload-words">
        <p className="upload-name">
          <bdi>{name}</bdi>
        </p>
        <p className="upload-state">
          {uploadState(item)}
          {(!needsPerson || state === "needs-file") && (
            <span className="upload-size"> · {formatSize(item.sizeBytes)}</span>
          )}
        </p>
        {item.problem?.code === "not-kept" && <p className="upload-state">{item.problem.detail}</p>}
        {state === "needs-file" && <AddAgain items={[item]} queue={queue} />}
        {!isOver && state !== "needs-file" && (
          <progress
            aria-label={`Progress of ${name}`}
            max={1}
            {...(state === "checking" ? {} : { value: state === "saving" ? 0 : item.fraction })}
          />
        )}
      </div>
      {item.canRetry && (
        <RowButton label={`Try ${name} again`} icon={RotateCw} onClick={() => queue.retry(id)} />
      )}
      {pausable.has(state) && (
        <RowButton label={`Pause ${name}`} icon={Pause} onClick={() => queue.pause(id)} />
      )}
      {state === "paused" && (
        <RowButton label={`Go on with ${name}`} icon={Play} onClick={() => queue.resume(id)} />
      )}
      {!isOver && <RowButton label={`Cancel ${name}`} icon={X} onClick={() => queue.cancel(id)} />}
      {isOver && state !== "ready" && (
        <RowButton label={`Dismiss ${name}`} icon={X} onClick={() => queue.dismiss(id)} />
      )}
    </li>
  );
});

function RowButton({
  label,
  icon: Icon,
  onClick,
}: {
  readonly label: string;
  readonly icon: typeof X;
  readonly onClick: () => void;
}) {
  return (
    <button type="button" className="icon-button" aria-label={label} onClick={onClick}>
      <Icon aria-hidden="true" />
    </button>
  );
}
