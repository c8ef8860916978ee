import { type FormEvent, useLayoutEffect, useRef } from "react";

/** The server's limit in bytes of UTF-8; it refuses what is over it in letters of several bytes. */
const longestName = 4096;

/** In the name's place: the part before the extension is marked, as it is what people change. */
export function RenameForm({
  name,
  onRename,
  onCancel,
}: {
  readonly name: string;
  readonly onRename: (name: string) => void;
  readonly onCancel: () => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const dot = name.lastIndexOf(".");
    input.current?.focus();
    input.current?.setSelectionRange(0, dot > 0 ? dot : name.length);
  }, [name]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = input.current?.value.trim() ?? "";
    if (wanted === "" || wanted === name) onCancel();
    else onRename(wanted);
  };
  return (
    <form className="rename" onSubmit={submit}>
      <input
        ref={input}
        aria-label="Name"
        defaultValue={name}
        maxLength={longestName}
        autoComplete="off"
        spellCheck={false}
        dir="auto"
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          // This Escape is the form's, not the dialog's.
          event.preventDefault();
          event.stopPropagation();
          onCancel();
        }}
      />
      <button type="submit" className="button primary">
        Save
      </button>
    </form>
  );
}
