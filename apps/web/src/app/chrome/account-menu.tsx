import { useStowage, useUploads } from "@stowage/react";
import { useQueryClient } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import type { Session } from "../session/create-session.ts";
import type { Account } from "../session/session-state.ts";
import { replaceKey } from "../versions/replacement-keys.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { QuotaLine } from "./quota-line.tsx";
import { useToasts } from "./toasts.tsx";
import { useMe } from "./use-me.ts";

/** Who is signed in, how much room they use, and the way out. */
export function AccountMenu({ account, session }: { readonly account: Account; readonly session: Session }) {
  const [isOpen, setOpen] = useState(false);
  /** Files on their way when Sign out was pressed. */
  const [unsent, setUnsent] = useState(0);
  const [isLeaving, setLeaving] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  const { data: me } = useMe();
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { totals } = useUploads();
  const toasts = useToasts();
  const name = account.name ?? account.email ?? "Signed in";

  useEffect(() => {
    if (!isOpen) return;
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) setOpen(false);
    };
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      setOpen(false);
      button.current?.focus();
    };
    addEventListener("pointerdown", closeOutside);
    addEventListener("focusin", closeOutside);
    addEventListener("keydown", closeByKey);
    return () => {
      removeEventListener("keydown", closeByKey);
      removeEventListener("pointerdown", closeOutside);
      removeEventListener("focusin", closeOutside);
    };
  }, [isOpen]);

  const leave = async () => {
    setUnsent(0);
    setLeaving(true);
    const next = await session.signOut();
    if (next !== undefined) return location.assign(next);
    setLeaving(false);
    toasts.show({ text: "You are still signed in: the server can’t be reached.", tone: "danger" });
  };

  return (
    <div className="account" ref={root}>
      <button
        ref={button}
        type="button"
        className="avatar"
        aria-label="Account"
        aria-expanded={isOpen}
        aria-controls={panelId}
        onClick={() => setOpen(!isOpen)}
      >
        <span aria-hidden="true">{[...name][0]?.toLocaleUpperCase()}</span>
      </button>
      <div className="account-panel" id={panelId} hidden={!isOpen}>
        <p className="account-name">
          <bdi>{name}</bdi>
        </p>
        {account.email && account.email !== name && (
          <p className="account-email">
            <bdi>{account.email}</bdi>
          </p>
        )}
        {me && <QuotaLine me={me} />}
        <button
          type="button"
          className="button"
          disabled={isLeaving}
          onClick={() => {
            const active = totals.active + queryClient.isMutating({ mutationKey: replaceKey(client) });
            if (active > 0) setUnsent(active);
            else void leave();
          }}
        >
          <LogOut aria-hidden="true" />
          Sign out
        </button>
      </div>
      {unsent > 0 && (
        <ConfirmDialog
          title="Uploads are under way"
          confirm="Sign out anyway"
          cancel="Stay"
          onConfirm={() => void leave()}
          onCancel={() => setUnsent(0)}
        >
          {unsent === 1 ? "One file has" : `${unsent} files have`} not arrived yet. If you sign out now, they
          stop.
        </ConfirmDialog>
      )}
    </div>
  );
}
