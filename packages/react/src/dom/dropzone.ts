import type { AddOptions } from "@stowage/client";
import { type BlobSource, blobSource } from "@stowage/client/browser";
import {
  type ChangeEvent,
  createElement,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useStowage } from "../stowage-provider.ts";
import { namePasted } from "./name-pasted.ts";
import { bringsFiles, readTransfer, systemsOwn } from "./read-dropped.ts";

export interface DropzoneState {
  /** Files are being dragged over it. */
  readonly isOver: boolean;
  /** A dropped folder is being read. */
  readonly isReading: boolean;
  readonly disabled: boolean;
  /** Opens the browser's dialog for files: from a click or a key press only. */
  pickFiles(): void;
  /** The same for one folder and all that is in it. */
  pickFolder(): void;
}

export interface DropzoneProps extends Omit<HTMLAttributes<HTMLElement>, "children" | "onDrop" | "onPaste"> {
  /** Told what was dropped, picked or pasted. Default: it is added to the uploads, with `addOptions`. */
  onFiles?(sources: readonly BlobSource[]): void;
  readonly addOptions?: AddOptions;
  /** What of a drop could not be read, by name: told after `onFiles`. */
  onUnreadable?(names: readonly string[]): void;
  /** As of `<input type="file">`; what is dropped or pasted is not held to it: the server says what it takes. */
  readonly accept?: string;
  /** Default true. */
  readonly multiple?: boolean;
  readonly disabled?: boolean;
  /** `page`: a drop anywhere on the page counts. Default `self`. */
  readonly area?: "self" | "page";
  /** Whether files that are pasted on the page count. Default true. */
  readonly paste?: boolean;
  /** The name of a pasted picture that has none of its own. Default `Pasted 2026-11-25 at 12.53.10.png`. */
  nameOfPasted?(file: File): string;
  /** The button's text, where there are no `children`. Default `Add files`. */
  readonly label?: string;
  /** What is in it: it must have a button that calls `pickFiles`, for keyboards and screen readers. */
  readonly children?: ReactNode | ((state: DropzoneState) => ReactNode);
}

/**
 * A place where files are dropped, picked and pasted. It has no looks of its own: `data-over`, `data-reading` and
 * `data-disabled` are set on it while they hold. While it is on the page, files that miss it are not opened in its place.
 */
export function Dropzone({
  onFiles,
  addOptions,
  onUnreadable,
  accept,
  multiple = true,
  disabled = false,
  area = "self",
  paste = true,
  nameOfPasted = namePasted,
  label = "Add files",
  children,
  ...rest
}: DropzoneProps): ReactElement {
  const { queue } = useStowage();
  const zone = useRef<HTMLDivElement>(null);
  const filesInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [reading, setReading] = useState(0);

  const give = (sources: readonly BlobSource[]) => {
    if (sources.length === 0) return;
    if (onFiles) onFiles(sources);
    else queue.add(sources, addOptions);
  };
  const take = async (transfer: DataTransfer, rename?: (file: File) => string) => {
    setReading((count) => count + 1);
    const { sources, unreadable } = await readTransfer(transfer, rename);
    setReading((count) => count - 1);
    give(multiple ? sources : sources.slice(0, 1));
    if (unreadable.length > 0) onUnreadable?.(unreadable);
  };
  const current = { take, disabled, paste, nameOfPasted };
  const latest = useRef(current);
  useLayoutEffect(() => {
    latest.current = current;
  });

  // Before it is seen: a drop that came between would open its file in the page's place.
  useLayoutEffect(() => {
    const isOurs = (target: EventTarget | null): boolean =>
      area === "page" || (target instanceof Node && (zone.current?.contains(target) ?? false));
    /** Whether it is for this zone. */
    const claim = (event: globalThis.DragEvent): boolean => {
      const { dataTransfer, target } = event;
      if (!bringsFiles(dataTransfer)) return false;
      // What is not refused here the browser would open in the page's place.
      event.preventDefault();
      const isWanted = isOurs(target) && !latest.current.disabled && !taken.has(event);
      if (isWanted) taken.add(event);
      dataTransfer.dropEffect = taken.has(event) ? "copy" : "none";
      return isWanted;
    };
    const onDragOver = (event: globalThis.DragEvent) => setOver(claim(event));
    const onDragLeave = (event: globalThis.DragEvent) => {
      // Out of the window: what it goes to is unknown.
      if (!event.relatedTarget) setOver(false);
    };
    const onDrop = (event: globalThis.DragEvent) => {
      setOver(false);
      if (claim(event)) void latest.current.take(event.dataTransfer as DataTransfer);
    };
    const onPaste = (event: ClipboardEvent) => {
      const { clipboardData } = event;
      const { disabled, paste, take, nameOfPasted } = latest.current;
      if (disabled || !paste || !bringsFiles(clipboardData) || taken.has(event)) return;
      // Office programs put a picture beside the text: in a field the text is what is wanted.
      if (isEditable(event.target) && clipboardData.types.some((type) => type.startsWith("text/"))) return;
      event.preventDefault();
      taken.add(event);
      void take(clipboardData, nameOfPasted);
    };
    const mounted = new AbortController();
    const { signal } = mounted;
    addEventListener("dragover", onDragOver, { signal });
    addEventListener("dragleave", onDragLeave, { signal });
    addEventListener("drop", onDrop, { signal });
    addEventListener("paste", onPaste, { signal });
    return () => mounted.abort();
  }, [area]);

  const onChange = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const files = Array.from(currentTarget.files ?? []);
    const picked = files.filter(
      ({ name, webkitRelativePath }) => !(webkitRelativePath && systemsOwn.test(name)),
    );
    give(picked.map((file) => blobSource(file)));
    // The same file again is a change again.
    currentTarget.value = "";
  };
  const state: DropzoneState = {
    isOver,
    isReading: reading > 0,
    disabled,
    pickFiles: () => filesInput.current?.click(),
    pickFolder: () => folderInput.current?.click(),
  };
  const input = { type: "file", hidden: true, disabled, onChange, tabIndex: -1 } as const;
  const inner =
    typeof children === "function"
      ? children(state)
      : (children ?? createElement("button", { type: "button", disabled, onClick: state.pickFiles }, label));

  return createElement(
    "div",
    {
      ...rest,
      ref: zone,
      "data-over": isOver || undefined,
      "data-reading": reading > 0 || undefined,
      "data-disabled": disabled || undefined,
    },
    createElement("input", { ...input, ref: filesInput, accept, multiple }),
    createElement("input", { ...input, ref: folderInput, webkitdirectory: "" }),
    inner,
  );
}

/** Events that one of several zones of a page has taken. */
const taken = new WeakSet<Event>();

const isEditable = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || "selectionStart" in target);
