// The service worker of the application itself: what `stowage sw` writes for others, and the application's own start without a network.

import "./stowage-sw.ts";
import { keepShell, type Shell, type ShellScope } from "./keep-shell.ts";

/** Put in by the build. */
declare const stowageShell: Shell;

keepShell(self as unknown as ShellScope, stowageShell);
