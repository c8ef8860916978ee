import { useState } from "react";
import { formatSize } from "../format/format-size.ts";
import { canKeep, keepsPictures } from "./device-choice.ts";
import { useKeptPictures } from "./kept-context.tsx";
import { picturesWords } from "./kept-words.ts";
import { useKeptNow } from "./use-kept-now.ts";

/** In the account's panel: what of a person's pictures is on this device, and the way to have it away. */
export function KeptLine() {
  const { keeper } = useKeptPictures();
  const now = useKeptNow(keeper);
  const [isBusy, setBusy] = useState(false);
  if (!canKeep())
    return (
      <p className="account-kept">No pictures are kept on this device: this connection is not encrypted.</p>
    );
  if (!keeper || !now) return null;
  const keeps = keepsPictures.get();
  const isNothing = now.files === 0;
  const change = async () => {
    setBusy(true);
    try {
      if (keeps) await keeper.refuse();
      else keeper.allow();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="account-kept">
      <p role="status">
        {!keeps
          ? "No pictures are kept on this device."
          : isNothing
            ? "Pictures that you look at are kept on this device, to be seen offline."
            : `${picturesWords(now.files)} (${formatSize(now.sizeBytes)}) kept on this device, to be seen offline.`}
      </p>
      <button type="button" className="text-button" disabled={isBusy} onClick={() => void change()}>
        {!keeps ? "Keep pictures here" : isNothing ? "Keep none here" : "Remove from this device"}
      </button>
    </div>
  );
}
