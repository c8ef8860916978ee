import { Check, Copy, Share2 } from "lucide-react";
import { useRef, useState } from "react";

/** An address to be passed on: copied, marked by hand, or given to another app of the phone. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setSaid("Copied.");
    } catch {
      // Not allowed, or no clipboard in an insecure context.
      field.current?.select();
      setSaid("The browser does not allow copying here: it is marked, copy it by hand.");
    }
  };
  const share = async () => {
    try {
      await navigator.share({ url: value });
    } catch {
      // Thought better of, or nothing to share with: it can be copied still.
      setSaid("");
    }
  };
  return (
    <div className="copy-field">
      <input
        ref={field}
        aria-label={label}
        readOnly
        value={value}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" className="button primary" onClick={() => void copy()}>
        {said === "Copied." ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        Copy
      </button>
      {"share" in navigator && (
        <button type="button" className="button" onClick={() => void share()}>
          <Share2 aria-hidden="true" />
          Send
        </button>
      )}
      <p className="small-print" role="status">
        {said}
      </p>
    </div>
  );
}
