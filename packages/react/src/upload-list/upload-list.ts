import { type AnnouncementWords, hasEnded, type UploadItem } from "@stowage/client";
import { type BlobSource, blobSource } from "@stowage/client/browser";
import {
  createElement,
  type FocusEvent,
  type HTMLAttributes,
  memo,
  type ReactElement,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useStowage } from "../stowage-provider.ts";
import { useUploads } from "../uploads/use-uploads.ts";
import { actionsOf, type UploadAction } from "./actions-of.ts";
import { englishListWords, type UploadListWords } from "./upload-list-words.ts";
import { useUploadAnnouncement } from "./use-upload-announcement.ts";
import { useUploadSpeed } from "./use-upload-speed.ts";

/** Classes of its parts; the list's own is `className`. */
export interface UploadListClassNames {
  readonly summary?: string;
  readonly item?: string;
  readonly name?: string;
  readonly state?: string;
  readonly progress?: string;
  readonly button?: string;
  readonly problem?: string;
}

export interface UploadListProps extends Omit<HTMLAttributes<HTMLElement>, "children"> {
  /** Which, and in which order. Default: all, as they were added. */
  select?(items: readonly UploadItem[]): readonly UploadItem[];
  readonly words?: Partial<UploadListWords>;
  /** What a live region says; the same object each time. Default: the English ones. `false`: there is none. */
  readonly announcement?: AnnouncementWords | false;
  readonly classNames?: UploadListClassNames;
  /** What is in a button, an icon for instance. Default: its words. Its name stays what `words.actionOf` says. */
  renderAction?(action: UploadAction, item: UploadItem): ReactNode;
  /** Before the name of one: an icon or a picture. */
  renderIcon?(item: UploadItem): ReactNode;
  /** Where there is nothing to show. Default: nothing. */
  readonly empty?: ReactNode;
}

/**
 * A person's uploads, with how far each is and what can be done with it. It has no looks of its own: each part has a class of
 * yours, `data-part`, and an item `data-state`. The focus is never lost by what a button does.
 */
export function UploadList({
  select,
  words: ownWords,
  announcement,
  classNames = {},
  renderAction,
  renderIcon,
  empty,
  ...rest
}: UploadListProps): ReactElement {
  const { items: all, totals } = useUploads();
  const speed = useUploadSpeed();
  const items = select ? select(all) : all;
  const words = useMemo(() => ({ ...englishListWords, ...ownWords }), [ownWords]);
  const list = useRef<HTMLUListElement>(null);
  /** Where something was done, until the focus is elsewhere by the person's own doing. */
  const actedAt = useRef<number>(undefined);
  const latest = useRef({ items, renderAction, renderIcon });
  useEffect(() => {
    latest.current = { items, renderAction, renderIcon };
    const focused = document.activeElement;
    if (actedAt.current === undefined || (focused && focused !== document.body)) return;
    // The button that was pressed has gone, perhaps with its item: the one that is there now comes next.
    const rows = list.current?.children ?? [];
    const row = rows[Math.min(actedAt.current, rows.length - 1)];
    (row?.querySelector<HTMLElement>("button") ?? list.current)?.focus();
  });
  const onActed = useCallback((id: string) => {
    actedAt.current = latest.current.items.findIndex((item) => item.id === id);
  }, []);
  const look = useMemo(
    () => ({
      action: (action: UploadAction, item: UploadItem) => latest.current.renderAction?.(action, item),
      icon: (item: UploadItem) => latest.current.renderIcon?.(item),
    }),
    [],
  );

  return createElement(
    "div",
    rest,
    announcement !== false && createElement(Announcer, { words: announcement }),
    items.length > 0
      ? createElement(
          "p",
          { "data-part": "summary", className: classNames.summary },
          words.summary({ ...totals, ...speed.total() }),
        )
      : empty,
    createElement(
      "ul",
      {
        ref: list,
        "aria-label": words.list,
        tabIndex: -1,
        onBlur({ relatedTarget }: FocusEvent) {
          if (relatedTarget) actedAt.current = undefined;
        },
      },
      items.map((item) =>
        createElement(Row, { key: item.id, item, words, classNames, look, speed, onActed }),
      ),
    ),
  );
}

const unseen = {
  position: "absolute",
  width: 1,
  height: 1,
  overflow: "hidden",
  clipPath: "inset(50%)",
} as const;

function Announcer({ words }: { readonly words: AnnouncementWords | undefined }): ReactElement {
  const { id, text } = useUploadAnnouncement(words);
  return createElement("p", { role: "status", style: unseen }, createElement("span", { key: id }, text));
}

interface RowProps {
  readonly item: UploadItem;
  readonly words: UploadListWords;
  readonly classNames: UploadListClassNames;
  readonly look: {
    action(action: UploadAction, item: UploadItem): ReactNode;
    icon(item: UploadItem): ReactNode;
  };
  readonly speed: ReturnType<typeof useUploadSpeed>;
  onActed(id: string): void;
}

/** One that takes another's place keeps its button, and with it the focus. */
const places: Readonly<Record<UploadAction, string>> = {
  pause: "go",
  resume: "go",
  attach: "again",
  retry: "again",
  cancel: "end",
  dismiss: "end",
};

const Row = memo(function Row({ item, words, classNames, look, speed, onActed }: RowProps): ReactElement {
  const { queue } = useStowage();
  const input = useRef<HTMLInputElement>(null);
  const [isOther, setOther] = useState(false);
  const { id, name, state } = item;
  const act = (action: UploadAction) => {
    if (action === "attach") return input.current?.click();
    onActed(id);
    queue[action](id);
  };
  const attach = (file: File | undefined) => {
    if (!file) return;
    setOther(file.size !== item.sizeBytes);
    if (file.size !== item.sizeBytes) return;
    onActed(id);
    queue.attach(id, blobSource(file) satisfies BlobSource);
  };
  const actions = actionsOf(item);
  return createElement(
    "li",
    { "data-state": state, className: classNames.item },
    look.icon(item),
    createElement("bdi", { "data-part": "name", className: classNames.name }, name),
    createElement(
      "span",
      { "data-part": "state", className: classNames.state },
      words.state({ ...item, ...speed.of(id) }),
    ),
    !hasEnded(item) &&
      state !== "needs-file" &&
      createElement("progress", {
        "aria-label": words.progress(item),
        className: classNames.progress,
        max: 1,
        // What is being checked has no measure.
        value: state === "checking" ? undefined : item.fraction,
      }),
    isOther &&
      createElement(
        "span",
        { "data-part": "problem", className: classNames.problem, role: "alert" },
        words.otherFile(item),
      ),
    actions.map((action) =>
      createElement(
        "button",
        {
          key: places[action],
          type: "button",
          "data-action": action,
          className: classNames.button,
          "aria-label": words.actionOf(action, item),
          onClick: () => act(action),
        },
        look.action(action, item) ?? words.action(action),
      ),
    ),
    actions.includes("attach") &&
      createElement("input", {
        ref: input,
        type: "file",
        hidden: true,
        tabIndex: -1,
        onChange({ currentTarget }: { readonly currentTarget: HTMLInputElement }) {
          attach(currentTarget.files?.[0]);
          currentTarget.value = "";
        },
      }),
  );
});
