import type { File } from "@stowage/client";
import { Copy } from "lucide-react";
import type { ReactNode } from "react";
import { useToasts } from "../chrome/toasts.tsx";
import { activeContentInWords } from "../files/active-content.ts";
import { typeName } from "../files/file-kind.ts";
import { formatMoment } from "../format/format-date.ts";
import { formatLength } from "../format/format-length.ts";
import { formatSize } from "../format/format-size.ts";

/** What is known of a file. */
export function FileDetails({ file }: { readonly file: File }) {
  const toasts = useToasts();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(file.sha256 ?? "");
      toasts.show({ text: "SHA-256 copied." });
    } catch {
      // Not allowed, or no clipboard in an insecure context: it can be marked and copied by hand.
      toasts.show({ text: "The browser does not allow copying here: mark it, and copy it by hand." });
    }
  };
  return (
    <aside className="side-panel details" aria-label="Details">
      <h2>Details</h2>
      <dl>
        <Detail term="Size">{formatSize(file.sizeBytes)}</Detail>
        <Detail term="Type">{typeName(file.contentType)}</Detail>
        {file.width && file.height && (
          <Detail term="Dimensions">
            {file.width} × {file.height}
          </Detail>
        )}
        {file.pageCount !== undefined && <Detail term="Pages">{file.pageCount}</Detail>}
        {file.passwordProtected && <Detail term="Opens">With a password only</Detail>}
        {file.durationSeconds !== undefined && (
          <Detail term="Length">{formatLength(file.durationSeconds)}</Detail>
        )}
        {file.activeContent && <Detail term="Contains">{activeContentInWords(file.activeContent)}</Detail>}
        {file.takenAt && <Detail term="Taken">{formatMoment(file.takenAt)}</Detail>}
        <Detail term="Added">{formatMoment(file.createdAt)}</Detail>
        <Detail term="SHA-256">
          <code>{file.sha256}</code>
          <button type="button" className="text-button" onClick={() => void copy()}>
            <Copy aria-hidden="true" />
            Copy
          </button>
        </Detail>
      </dl>
      <p className="small-print">Checked when it arrived. What you download is this, to the last byte.</p>
    </aside>
  );
}

function Detail({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
