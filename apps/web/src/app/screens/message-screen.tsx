import type { ReactNode } from "react";
import { Wordmark } from "../chrome/wordmark.tsx";

/** A whole screen that says one thing, and what can be done about it. */
export function MessageScreen({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <div className="message-screen">
      <header>
        <Wordmark />
      </header>
      <main>
        <h1>{title}</h1>
        <p>{children}</p>
        {actions && <div className="actions">{actions}</div>}
      </main>
    </div>
  );
}
