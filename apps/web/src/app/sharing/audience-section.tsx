import type { File } from "@stowage/client";
import { type AudienceUpdate, createSharing } from "@stowage/client/sharing";
import { useStowage } from "@stowage/react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Trouble } from "../chrome/panel-dialog.tsx";
import { useAttempt } from "../chrome/use-attempt.ts";
import { showFile } from "../versions/show-file.ts";

const visibilities = [
  ["private", "Nobody else", "Those above alone, and who is in an album with it."],
  ["organisation", "Your organisation", "Everybody who signs in here as one of it."],
  ["public", "Everybody", "Whoever has its address, without signing in; it may be found."],
] as const;

/** To whom a file is shown beside those who have it by name, and what all of them get. */
export function AudienceSection({ file }: { readonly file: File }) {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { trouble, attempt } = useAttempt();
  // Shown at once, and taken back where the server refuses it.
  const [wanted, setWanted] = useState<AudienceUpdate>({});
  const { visibility, shareOriginal = false } = { ...file, ...wanted };
  const update = async (change: AudienceUpdate) => {
    setWanted(change);
    await attempt(async () => {
      showFile(queryClient, client, await createSharing(client).update(file.id, change));
    });
    setWanted((now) => (now === change ? {} : now));
  };
  return (
    <section aria-label="Audience">
      <fieldset className="choices">
        <legend>Who sees it beside them</legend>
        {visibilities.map(([value, title, words]) => (
          <label key={value} className="choice">
            <input
              type="radio"
              name="visibility"
              checked={visibility === value}
              onChange={() => void update({ visibility: value })}
            />
            <span>
              {title}
              <span className="person-facts">{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset className="choices">
        <legend>What they get</legend>
        <label className="choice">
          <input
            type="checkbox"
            checked={shareOriginal}
            onChange={(event) => void update({ shareOriginal: event.currentTarget.checked })}
          />
          <span>
            The original, as you sent it
            <span className="person-facts">
              With the place, time and camera that stand in it. Otherwise they get a copy without.
            </span>
          </span>
        </label>
      </fieldset>
      <Trouble>{trouble}</Trouble>
    </section>
  );
}
