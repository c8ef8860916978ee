import { useId } from "react";

/** Characters, as the server counts them. */
const longestName = 300;

/** A field's text, as it stands in its form. */
interface Field {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function NameField({ value, onChange }: Field) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>Name</label>
      <input
        id={id}
        required
        dir="auto"
        autoComplete="off"
        maxLength={longestName}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </>
  );
}

/** When an album is revealed, as `localMinutes` writes it; not before `min`. Default: every time is taken. */
export function RevealField({ value, onChange, min }: Field & { readonly min?: string }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>Reveal</label>
      <input
        id={id}
        type="datetime-local"
        required
        min={min}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </>
  );
}

/** How many shots each member has; empty: no bound. */
export function ShotsField({ value, onChange }: Field) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>Shots for each person</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={1}
        max={100_000}
        placeholder="As many as they like"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </>
  );
}
