import { type ReactNode, type RefObject, useLayoutEffect, useRef } from "react";

/**
 * A modal dialog as the browser makes it: it keeps the focus, gives it back when it goes, and closes by Escape. What has
 * `data-autofocus` in it is focused first.
 */
export function Dialog({
  label,
  labelledBy,
  className,
  onClose,
  closesByBackdrop = true,
  children,
  dialogRef,
}: {
  readonly label?: string;
  readonly labelledBy?: string;
  readonly className: string;
  readonly onClose: () => void;
  readonly closesByBackdrop?: boolean;
  readonly children: ReactNode;
  readonly dialogRef?: RefObject<HTMLDialogElement | null>;
}) {
  const own = useRef<HTMLDialogElement>(null);
  const ref = dialogRef ?? own;
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    // Before it leaves the page: only then is the focus given back.
    return () => dialog.close();
  }, [ref]);
  return (
    <dialog
      ref={ref}
      className={className}
      aria-label={label}
      aria-labelledby={labelledBy}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onClose={(event) => {
        // Browsers close on a second Escape whatever we say.
        if (event.target === event.currentTarget && !event.currentTarget.open) onClose();
      }}
      onPointerDown={(event) => {
        if (closesByBackdrop && event.target === event.currentTarget) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
