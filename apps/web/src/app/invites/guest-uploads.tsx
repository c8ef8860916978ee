import { useStowage, useUploads } from "@stowage/react";
import { UploadRow } from "../uploads/upload-row.tsx";

/** What a guest sends, as long as there is something to say of it; of what has arrived a line. */
export function GuestUploads({ isSealed }: { readonly isSealed: boolean }) {
  const { items, totals } = useUploads();
  const { queue } = useStowage();
  const shown = items.filter(({ state }) => state !== "ready" && state !== "cancelled");
  const { ready } = totals;
  return (
    <section className="guest-uploads" aria-label="Your photos">
      {shown.length > 0 && (
        <ul>
          {shown.map((item) => (
            <UploadRow key={item.id} item={item} queue={queue} />
          ))}
        </ul>
      )}
      <p role="status">
        {ready > 0 &&
          (ready === 1 ? "Your photo is in the album" : `${ready} of your photos are in the album`) +
            (isSealed ? ", sealed." : ".")}
      </p>
    </section>
  );
}
