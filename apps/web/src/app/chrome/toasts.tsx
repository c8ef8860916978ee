import { X } from "lucide-react";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

export interface Toast {
  readonly text: string;
  readonly tone?: "plain" | "danger";
  readonly action?: { readonly label: string; run(): void };
}

type ShownToast = Toast & { readonly id: number };

interface Toasts {
  show(toast: Toast): void;
  dismiss(): void;
}

/** Apart: who shows a message need not render anew when one appears. */
const ToastsContext = createContext<Toasts | undefined>(undefined);
const ShownContext = createContext<ShownToast | undefined>(undefined);

/** Long enough to read it twice and to reach its button. */
const shownMs = 9_000;

let lastId = 0;

/** Holds the one short message about what has just happened. */
export function ToastsProvider({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<ShownToast>();
  const toasts = useMemo(
    (): Toasts => ({
      show(toast) {
        lastId += 1;
        const id = lastId;
        setShown({ ...toast, id });
        setTimeout(() => setShown((now) => (now?.id === id ? undefined : now)), shownMs);
      },
      dismiss: () => setShown(undefined),
    }),
    [],
  );
  return (
    <ToastsContext value={toasts}>
      <ShownContext value={shown}>{children}</ShownContext>
    </ToastsContext>
  );
}

export function useToasts(): Toasts {
  const toasts = useContext(ToastsContext);
  if (!toasts) throw new Error("There is no <ToastsProvider> above this component.");
  return toasts;
}

/** Where the message appears; in a modal dialog too, since what is behind it can't be reached. */
export function ToastPlace() {
  const { dismiss } = useToasts();
  const shown = useContext(ShownContext);
  return (
    <div className="toast-place" role="status">
      {shown && (
        <div className={`toast ${shown.tone ?? "plain"}`} key={shown.id}>
          <p>{shown.text}</p>
          {shown.action && (
            <button
              type="button"
              className="text-button"
              onClick={() => {
                shown.action?.run();
                dismiss();
              }}
            >
              {shown.action.label}
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Dismiss message" onClick={dismiss}>
            <X aria-hidden="true" />
          </button>
        </div>
      )}
    </div>
  );
}
