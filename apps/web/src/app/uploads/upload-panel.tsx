import { type UploadItem, useUploads } from "@stowage/react";
import { ChevronDown, X } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { UploadAnnouncer } from "./upload-announcer.tsx";
import { UploadRow } from "./upload-row.tsx";
import { uploadSummary } from "./upload-words.ts";

/** Files on their way and what became of them: a card in the corner, a sheet from the bottom of a phone. */
export function UploadPanel() {
  const { items, totals, cancel, retry, dismiss, clearEnded, retryAll } = useUploads();
  const [isCollapsed, setCollapsed] = useState(false);
  const listId = useId();
  const ordered = useMemo(() => inOrder(items), [items]);
  const canRetry = items.filter((item) => item.canRetry).length;

  return (
    <>
      <UploadAnnouncer items={items} totals={totals} />
      {items.length > 0 && (
        <section className="uploads" aria-label="Uploads" data-collapsed={isCollapsed || undefined}>
          <header>
            <p className="uploads-summary">{uploadSummary(totals)}</p>
            <button
              type="button"
              className="icon-button"
              aria-label={isCollapsed ? "Show uploads" : "Hide uploads"}
              aria-expanded={!isCollapsed}
              aria-controls={listId}
              onClick={() => setCollapsed(!isCollapsed)}
            >
              <ChevronDown className="turn-icon" aria-hidden="true" />
            </button>
            {totals.active === 0 && (
              <button type="button" className="icon-button" aria-label="Clear uploads" onClick={clearEnded}>
                <X aria-hidden="true" />
              </button>
            )}
            {totals.active > 0 && (
              <progress
                className="uploads-progress"
                aria-label="All uploads"
                value={totals.fraction}
                max={1}
              />
            )}
          </header>
          <div className="uploads-body" id={listId} hidden={isCollapsed}>
            {canRetry > 1 && (
              <button type="button" className="text-button retry-all" onClick={retryAll}>
                Try all {canRetry} again
              </button>
            )}
            <ul>
              {ordered.map((item) => (
                <UploadRow key={item.id} item={item} cancel={cancel} retry={retry} dismiss={dismiss} />
              ))}
            </ul>
          </div>
        </section>
      )}
    </>
  );
}

/** What needs the person first, each part in the order in which it was added. */
function inOrder(items: readonly UploadItem[]): readonly UploadItem[] {
  const isTrouble = ({ state }: UploadItem) => state === "rejected" || state === "failed";
  return [...items.filter(isTrouble), ...items.filter((item) => !isTrouble(item))];
}
