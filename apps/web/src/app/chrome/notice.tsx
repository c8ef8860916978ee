import { X } from "lucide-react";
import type { ReactNode } from "react";

/** A line above the screen about something that holds for all of it. */
export function Notice({
  tone = "plain",
  icon,
  children,
  onDismiss,
}: {
  readonly tone?: "plain" | "warning" | "danger";
  readonly icon?: ReactNode;
  readonly children: ReactNode;
  readonly onDismiss?: () => void;
}) {
  return (
    <div className={`notice ${tone}`} role="status">
      {icon}
      <p>{children}</p>
      {onDismiss && (
        <button type="button" className="icon-button" aria-label="Dismiss" onClick={onDismiss}>
          <X aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
