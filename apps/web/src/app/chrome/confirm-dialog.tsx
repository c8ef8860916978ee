import { type ReactNode, useId } from "react";
import { Dialog } from "./dialog.tsx";

/** Asks before what can't be undone. The harmless answer has the focus. */
export function ConfirmDialog({
  title,
  children,
  confirm,
  cancel,
  onConfirm,
  onCancel,
}: {
  readonly title: ReactNode;
  readonly children: ReactNode;
  readonly confirm: string;
  readonly cancel: string;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}) {
  const titleId = useId();
  return (
    <Dialog className="confirm" labelledBy={titleId} onClose={onCancel}>
      <div className="confirm-body">
        <h2 id={titleId}>{title}</h2>
        <p>{children}</p>
        <div className="actions">
          <button type="button" className="button" data-autofocus onClick={onCancel}>
            {cancel}
          </button>
          <button type="button" className="button danger" onClick={onConfirm}>
            {confirm}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
