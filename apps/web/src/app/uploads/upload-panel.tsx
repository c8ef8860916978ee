import { type UploadItem, useStowage, useUploads } from "@stowage/react";
import { useUploadSpeed } from "@stowage/react/upload-list";
import { useQueryClient } from "@tanstack/react-query";
import { ChevronDown, X } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { UploadAnnouncer } from "./upload-announcer.tsx";
import { UploadRow } from "./upload-row.tsx";
import { UploadTools } from "./upload-tools.tsx";
import { uploadPace, uploadSummary } from "./upload-words.ts";

/** Files on their way and what became of them: a card in the corner, a sheet from the bottom of a phone. */
export function UploadPanel() {
  const { items, totals, clearEnded } = useUploads();
  const { queue } = useStowage();
  const queryClient = useQueryClient();
  const [isCollapsed, setCollapsed] = useState(false);
  const listId = useId();
  const ordered = useMemo(() => inOrder(items), [items]);
  const speed = useUploadSpeed();
  const pace = totals.sending > 0 ? uploadPace(speed.total()) : "";

  const panel = useRef<HTMLElement>(null);
  const isShown = items.length > 0;
  // Messages stand above it, so that they never lie on its buttons.
  useEffect(() => {
    const element = panel.current;
    if (!isShown || !element) return;
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() =>
      style.setProperty("--uploads-height", `${element.offsetHeight}px`),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty("--uploads-height");
    };
  }, [isShown]);

  const clear = () => {
    const isUnfound = items.some(({ state, file }) => state === "ready" && !file);
    clearEnded();
    // What has left the list before it was known which file it is comes to the files by asking for them.
    if (isUnfound)
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[2] === "files" });
  };

  return (
    <>
      <UploadAnnouncer items={items} totals={totals} />
      {isShown && (
        <section
          ref={panel}
          className="uploads"
          aria-label="Uploads"
          data-collapsed={isCollapsed || undefined}
        >
          <header>
            <div className="uploads-summary">
              <p>{uploadSummary(totals)}</p>
              {pace && <p className="uploads-pace">{pace}</p>}
            </div>
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
              <button type="button" className="icon-button" aria-label="Clear uploads" onClick={clear}>
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
            <UploadTools items={items} totals={totals} queue={queue} />
            <ul>
              {ordered.map((item) => (
                <UploadRow key={item.id} item={item} queue={queue} />
              ))}
            </ul>
          </div>
        </section>
      )}
    </>
  );
}

const places: Readonly<Record<UploadItem["state"], number>> = {
  rejected: 0,
  failed: 0,
  "needs-file": 0,
  sending: 1,
  checking: 1,
  saving: 2,
  saved: 2,
  "waiting-for-network": 2,
  "waiting-for-sign-in": 2,
  paused: 2,
  ready: 3,
  cancelled: 3,
};

/** What needs the person first, then what is under way, what is to come, what is done; each in the order it was added in. */
function inOrder(items: readonly UploadItem[]): readonly UploadItem[] {
  return items.toSorted((one, other) => places[one.state] - places[other.state]);
}
