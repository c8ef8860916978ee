import type { Command } from "./command.ts";

export interface CommandEntry {
  readonly name: string;
  /** Loaded when it is needed: `ls` must not wait for a server's code. */
  load(): Promise<Command>;
}

export interface CommandGroup {
  readonly title: string;
  readonly entries: readonly CommandEntry[];
}

/** Every command, in the order and under the titles of `stowage --help`. */
export const commandGroups: readonly CommandGroup[] = [
  {
    title: "Files",
    entries: [
      { name: "put", load: async () => (await import("./put/put-command.ts")).putCommand },
      { name: "ls", load: async () => (await import("./ls-command.ts")).lsCommand },
      { name: "get", load: async () => (await import("./get/get-command.ts")).getCommand },
      { name: "archive", load: async () => (await import("./archive/archive-command.ts")).archiveCommand },
      { name: "versions", load: async () => (await import("./versions-command.ts")).versionsCommand },
      { name: "link", load: async () => (await import("./link/link-command.ts")).linkCommand },
      { name: "share", load: async () => (await import("./share/share-command.ts")).shareCommand },
      { name: "rm", load: async () => (await import("./rm-command.ts")).rmCommand },
      { name: "restore", load: async () => (await import("./restore-command.ts")).restoreCommand },
    ],
  },
  {
    title: "Albums",
    entries: [
      {
        name: "album create",
        load: async () => (await import("./album/album-create-command.ts")).albumCreateCommand,
      },
      {
        name: "album list",
        load: async () => (await import("./album/album-list-command.ts")).albumListCommand,
      },
      {
        name: "album show",
        load: async () => (await import("./album/album-show-command.ts")).albumShowCommand,
      },
      {
        name: "album add",
        load: async () => (await import("./album/album-add-command.ts")).albumAddCommand,
      },
      {
        name: "album invite",
        load: async () => (await import("./album/album-invite-command.ts")).albumInviteCommand,
      },
      {
        name: "album members",
        load: async () => (await import("./album/album-members-command.ts")).albumMembersCommand,
      },
      {
        name: "album reveal",
        load: async () => (await import("./album/album-reveal-command.ts")).albumRevealCommand,
      },
      { name: "album rm", load: async () => (await import("./album/album-rm-command.ts")).albumRmCommand },
    ],
  },
  {
    title: "Signing in",
    entries: [
      { name: "login", load: async () => (await import("./sign-in/login-command.ts")).loginCommand },
      { name: "logout", load: async () => (await import("./sign-in/logout-command.ts")).logoutCommand },
      { name: "whoami", load: async () => (await import("./whoami-command.ts")).whoamiCommand },
    ],
  },
  {
    title: "Sites of your own",
    entries: [{ name: "sw", load: async () => (await import("./sw-command.ts")).swCommand }],
  },
  {
    title: "Server",
    entries: [
      { name: "up", load: async () => (await import("../server/up-command.ts")).upCommand },
      {
        name: "doctor",
        load: async () => (await import("../server/doctor/doctor-command.ts")).doctorCommand,
      },
      {
        name: "reconcile",
        load: async () => (await import("../server/reconcile/reconcile-command.ts")).reconcileCommand,
      },
      {
        name: "rescan",
        load: async () => (await import("../server/rescan/rescan-command.ts")).rescanCommand,
      },
      {
        name: "rederive",
        load: async () => (await import("../server/rederive/rederive-command.ts")).rederiveCommand,
      },
      {
        name: "backup",
        load: async () => (await import("../server/backup/backup-command.ts")).backupCommand,
      },
      {
        name: "audit verify",
        load: async () => (await import("../server/audit/verify-audit-command.ts")).verifyAuditCommand,
      },
      {
        name: "audit export",
        load: async () => (await import("../server/audit/export-audit-command.ts")).exportAuditCommand,
      },
      {
        name: "audit public-key",
        load: async () => (await import("../server/audit/public-key-command.ts")).auditPublicKeyCommand,
      },
      { name: "config", load: async () => (await import("../server/config-command.ts")).configCommand },
    ],
  },
  {
    title: "Accounts, on the server's machine",
    entries: [
      { name: "user add", load: async () => (await import("./accounts/user-add-command.ts")).userAddCommand },
      {
        name: "user invite",
        load: async () => (await import("./accounts/user-invite-command.ts")).userInviteCommand,
      },
      {
        name: "user list",
        load: async () => (await import("./accounts/user-list-command.ts")).userListCommand,
      },
      {
        name: "user reset",
        load: async () => (await import("./accounts/user-reset-command.ts")).userResetCommand,
      },
      { name: "token", load: async () => (await import("./accounts/token-command.ts")).tokenCommand },
    ],
  },
];
