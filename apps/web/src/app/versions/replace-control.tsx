import type { File } from "@stowage/client";
import { CircleAlert, RotateCw, Upload, X } from "lucide-react";
import { useRef } from "react";
import { uploadState } from "../uploads/upload-words.ts";
import type { UseReplacement } from "./use-replacement.ts";

/** The way to replace a file by a new version, and what is being sent in its place. */
export function ReplaceControl({
  file,
  replacing: { replacement, replace, retry, dismiss },
}: {
  readonly file: File;
  readonly replacing: UseReplacement;
}) {
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const seen = useRef(file);
  const isUnderWay = replacement !== undefined && replacement.state !== "failed";
  const isFailed = replacement?.state === "failed";
  const refocus = () => setTimeout(() => button.current?.focus());
  return (
    <div className="replace">
      {!isUnderWay && (
        <>
          <button
            ref={button}
            type="button"
            className="button primary"
            onClick={() => {
              // What is shown now is what the person means to replace, whatever comes while they choose.
              seen.current = file;
              input.current?.click();
            }}
          >
            <Upload aria-hidden="true" />
            Replace with a new version
          </button>
          <input
            ref={input}
            type="file"
            hidden
            onChange={({ currentTarget }) => {
              const [picked] = currentTarget.files ?? [];
              if (picked) replace(seen.current, picked);
              currentTarget.value = "";
            }}
          />
        </>
      )}
      {replacement && (
        <div className="upload" data-state={replacement.state}>
          {isFailed && <CircleAlert className="upload-icon" aria-hidden="true" />}
          <div className="upload-words">
            <p className="upload-name">
              <bdi>{replacement.name}</bdi>
            </p>
            {replacement.state === "failed" ? (
              <p className="upload-state" role="alert">
                It did not become a version. {replacement.detail}
              </p>
            ) : (
              <>
                <p className="upload-state">
                  {replacement.trouble ?? uploadState({ ...replacement, state: replacement.state })}
                </p>
                <progress
                  aria-label={`Progress of ${replacement.name}`}
                  max={1}
                  {...(replacement.state === "checking" ? {} : { value: replacement.fraction })}
                />
              </>
            )}
          </div>
          {replacement.state === "failed" && replacement.retry && (
            <button
              type="button"
              className="icon-button"
              aria-label={`Try ${replacement.name} again`}
              onClick={() => replacement.retry && retry(replacement.retry)}
            >
              <RotateCw aria-hidden="true" />
            </button>
          )}
          {replacement.state === "failed" ? (
            <button
              type="button"
              className="icon-button"
              aria-label={`Dismiss ${replacement.name}`}
              onClick={() => {
                dismiss();
                refocus();
              }}
            >
              <X aria-hidden="true" />
            </button>
          ) : (
            replacement.cancel && (
              <button
                type="button"
                className="icon-button"
                aria-label={`Cancel ${replacement.name}`}
                onClick={replacement.cancel}
              >
                <X aria-hidden="true" />
              </button>
            )
          )}
        </div>
      )}
    </div>
  );
}
