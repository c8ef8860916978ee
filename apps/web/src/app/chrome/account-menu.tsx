import { hasEnded } from "@stowage/client";
import { useStowage, useUploads } from "@stowage/react";
import { useIsMutating } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { lazy, Suspense, useEffect, useId, useRef, useState } from "react";
import { loadLater } from "../load-later.ts";
import type { Account } from "../session/session-state.ts";
import type { SignOut } from "../session/visits.ts";
import { replaceKey } from "../versions/replacement-keys.ts";
import { LeaveDialog } from "./leave-dialog.tsx";
import { QuotaLine } from "./quota-line.tsx";
import { useToasts } from "./toasts.tsx";
import { useMe } from "./use-me.ts";

const KeptLine = lazy(async () => ({ default: (await loadLater()).KeptLine }));

/** Who is signed in, how much room they use, and the way out. */
export function AccountMenu({ account, signOut }: { readonly account: Account; readonly signOut: SignOut }) {
  const [isOpen, setOpen] = useState(false);
  /** Something was on its way when Sign out was pressed. */
  const [isAsking, setAsking] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  const { data: me } = useMe();
  const { client } = useStowage();
  const { items } = useUploads();
  const replacing = useIsMutating({ mutationKey: replaceKey(client) });
  const active = items.filter((item) => !hasEnded(item));
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

  const leave = async (uploads: "keep" | "delete" = "keep") => {
    setAsking(false);
    setLeaving(true);
    const next = await signOut({ unsent: uploads });
    if (next !== undefined) return location.assign(next);
    setLeaving(false);
    const why = uploads === "delete" ? "this could not be done" : "the server can’t be reached";
    toasts.show({ text: `You are still signed in: ${why}. Try again.`, tone: "danger" });
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
        {isOpen && (
          <Suspense fallback={null}>
            <KeptLine />
          </Suspense>
        )}
        <button
          type="button"
          className="button"
          disabled={isLeaving}
          onClick={() => {
            if (active.length + replacing > 0) setAsking(true);
            else void leave();
          }}
        >
          <LogOut aria-hidden="true" />
          Sign out
        </button>
      </div>
      {isAsking && (
        <LeaveDialog
          unsent={{ files: active.length, kept: active.filter(({ isKept }) => isKept).length, replacing }}
          onLeave={(uploads) => void leave(uploads)}
          onStay={() => setAsking(false)}
        />
      )}
    </div>
  );
}
