/** By then the browser has the answer's header, and the download no longer needs the frame. */
const frameLifeMs = 120_000;

/**
 * Lets the browser save what a presigned URL gives. In a frame of its own: whatever is answered, the page stays where it
 * is, and no "leave this page?" is asked while uploads are under way.
 */
export function downloadFrom(url: string): void {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Download";
  frame.src = url;
  document.body.append(frame);
  setTimeout(() => frame.remove(), frameLifeMs);
}
