import { type AnnouncementWords, announceUploads } from "@stowage/client";
import { useEffect, useState } from "react";
import { useStowage } from "../stowage-provider.ts";

export interface UploadAnnouncement {
  readonly text: string;
  /** Another one each time: as a React key it makes a screen reader say the same words again. */
  readonly id: number;
}

/**
 * What somebody who does not see the uploads is told of them, for a live region (`role="status"`) that is always on the
 * page: that files were added, that one was rejected and why, that all have ended. Never progress.
 *
 * @param words - in place of the English ones; the same object each time
 */
export function useUploadAnnouncement(words?: AnnouncementWords): UploadAnnouncement {
  const { queue } = useStowage();
  const [announcement, setAnnouncement] = useState<UploadAnnouncement>({ text: "", id: 0 });
  useEffect(() => {
    let before = queue.getSnapshot();
    return queue.subscribe(() => {
      const now = queue.getSnapshot();
      const text = announceUploads(before, now, words);
      before = now;
      if (text !== undefined) setAnnouncement(({ id }) => ({ text, id: id + 1 }));
    });
  }, [queue, words]);
  return announcement;
}
