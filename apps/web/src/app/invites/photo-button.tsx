import { type BlobSource, blobSource } from "@stowage/client/browser";
import { type ReactNode, useRef } from "react";

/** Opens the phone's camera, or its photos: what is taken or chosen is given on at once. */
export function PhotoButton({
  className,
  fromCamera = false,
  disabled,
  onPhotos,
  children,
}: {
  readonly className: string;
  readonly fromCamera?: boolean;
  readonly disabled: boolean;
  readonly onPhotos: (photos: readonly BlobSource[]) => void;
  readonly children: ReactNode;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/*"
        data-camera={fromCamera || undefined}
        {...(fromCamera ? { capture: "environment" as const } : { multiple: true })}
        onChange={({ currentTarget }) => {
          onPhotos(Array.from(currentTarget.files ?? [], (file) => blobSource(file)));
          // The same file again is another choice.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
