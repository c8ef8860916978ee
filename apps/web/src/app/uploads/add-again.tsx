import { blobSource } from "@stowage/client/browser";
import type { UploadItem, UploadQueue } from "@stowage/react";
import { useRef, useState } from "react";
import { matchAgain } from "./match-again.ts";

/** Asks for files whose bytes this device has no more; what is picked goes on where it was. */
export function AddAgain({
  items,
  queue,
}: {
  readonly items: readonly UploadItem[];
  readonly queue: Pick<UploadQueue, "attach">;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [trouble, setTrouble] = useState<string>();
  const [first] = items;
  const isOne = items.length === 1;

  const attach = (files: readonly File[]) => {
    const pairs = matchAgain(items, files);
    for (const [id, file] of pairs) queue.attach(id, blobSource(file));
    const missing = files.length - pairs.length;
    setTrouble(
      missing === 0
        ? undefined
        : isOne
          ? "That is another file: its size is not the same."
          : `${missing.toLocaleString("en")} of these ${missing === 1 ? "is" : "are"} not among those that are missing.`,
    );
  };

  return (
    <>
      <button
        type="button"
        className="text-button add-again"
        aria-label={isOne && first ? `Add it again: ${first.name}` : undefined}
        onClick={() => input.current?.click()}
      >
        {isOne ? "Add it again" : `Add all ${items.length.toLocaleString("en")} again`}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        tabIndex={-1}
        multiple={!isOne}
        onChange={({ currentTarget }) => {
          attach(Array.from(currentTarget.files ?? []));
          currentTarget.value = "";
        }}
      />
      {trouble && (
        <p className="add-again-trouble" role="alert">
          {trouble}
        </p>
      )}
    </>
  );
}
