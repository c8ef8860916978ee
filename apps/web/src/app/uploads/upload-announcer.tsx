import type { QueueTotals, UploadItem } from "@stowage/react";
import { useEffect, useRef, useState } from "react";
import { uploadState, uploadSummary } from "./upload-words.ts";

/** Tells a screen reader what a person would see happen: what went wrong, and how all of it ended. */
export function UploadAnnouncer({
  items,
  totals,
}: {
  readonly items: readonly UploadItem[];
  readonly totals: QueueTotals;
}) {
  const [text, setText] = useState("");
  const told = useRef(new Set<string>());
  const wasActive = useRef(false);

  useEffect(() => {
    const news: string[] = [];
    for (const item of items) {
      const isTrouble = item.state === "rejected" || item.state === "failed" || item.state === "needs-file";
      if (!isTrouble) told.current.delete(item.id);
      else if (!told.current.has(item.id)) {
        told.current.add(item.id);
        news.push(`${item.name}. ${uploadState(item)}`);
      }
    }
    const isActive = totals.active > 0;
    if (wasActive.current && !isActive && items.length > 0) news.push(uploadSummary(totals));
    wasActive.current = isActive;
    if (news.length > 0) setText(news.join(" "));
  }, [items, totals]);

  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
