/** The name, with its mark: hills and a low sun in a print's frame. */
export function Wordmark() {
  return (
    <span className="wordmark">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect className="mark-ground" width="32" height="32" rx="8" />
        <path
          className="mark-hills"
          d="M7 20.5 13 13l4.2 5.2 2.6-3.1 5.2 5.4V23a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2z"
        />
        <circle className="mark-sun" cx="21.5" cy="10.2" r="2.7" />
      </svg>
      Stowage
    </span>
  );
}
