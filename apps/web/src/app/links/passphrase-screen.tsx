import { type FormEvent, useId, useState } from "react";
import { MessageScreen } from "../screens/message-screen.tsx";

/** Asks for what a link opens with. */
export function PassphraseScreen({
  wasWrong,
  isAsking,
  onPassphrase,
}: {
  readonly wasWrong: boolean;
  readonly isAsking: boolean;
  readonly onPassphrase: (passphrase: string) => void;
}) {
  const [passphrase, setPassphrase] = useState("");
  const [field, error] = [useId(), useId()];
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase !== "" && !isAsking) onPassphrase(passphrase);
  };
  return (
    <MessageScreen
      title="This link opens with a passphrase"
      actions={
        <form className="passphrase" onSubmit={send}>
          <label htmlFor={field}>Passphrase</label>
          <input
            id={field}
            type="password"
            autoComplete="off"
            // biome-ignore lint/a11y/noAutofocus: it is all that this page asks.
            autoFocus
            value={passphrase}
            aria-invalid={wasWrong || undefined}
            aria-describedby={wasWrong ? error : undefined}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
          />
          {wasWrong && !isAsking && (
            <p id={error} className="passphrase-wrong" role="alert">
              That is not it. After ten wrong ones within an hour the link is locked for everybody.
            </p>
          )}
          <button type="submit" className="button primary" disabled={isAsking || passphrase === ""}>
            {isAsking ? "Opening…" : "Open"}
          </button>
        </form>
      }
    >
      Whoever sent it to you knows it.
    </MessageScreen>
  );
}
