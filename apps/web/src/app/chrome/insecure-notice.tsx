import { ShieldAlert } from "lucide-react";
import { useState } from "react";
import { Notice } from "./notice.tsx";

/** On plain http beyond this machine: what is missing, and who can mend it. */
export function InsecureNotice() {
  const [isDismissed, setDismissed] = useState(false);
  if (isSecureContext || isDismissed) return null;
  return (
    <Notice tone="warning" icon={<ShieldAlert aria-hidden="true" />} onDismiss={() => setDismissed(true)}>
      <strong>This connection is not encrypted.</strong> Others on the way can read your password and files,
      and checksums are computed the slow way. Everything works; ask whoever runs this server for https.
    </Notice>
  );
}
