import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Dialog } from "./dialog.tsx";

/** A dialog with a title and a way out, in which something is set; on a phone it comes from the bottom. */
export function PanelDialog({
  title,
  onClose,
  children,
}: {
  readonly title: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const titleId = useId();
  return (
    <Dialog className="panel" labelledBy={titleId} onClose={onClose}>
      <header className="panel-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" data-autofocus onClick={onClose}>
          <X aria-hidden="true" />
        </button>
      </header>
      <div className="panel-body">{children}</div>
    </Dialog>
  );
}

/** Why something was not done. */
export function Trouble({ children }: { readonly children: string | undefined }) {
  return (
    <p className="form-trouble" role="alert">
      {children}
    </p>
  );
}
