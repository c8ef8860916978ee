/** What a decoding process runs in: more than one of these holds where one contains the other. */
export interface Sandbox {
  /**
   * `bubblewrap`: namespaces of its own by the program `bwrap`, and a filter of system calls. `unshare`: namespaces of
   * its own by the programs of util-linux, without the filter. `limits`: resource limits and Node's permission
   * model, which hold for what decoders do by mistake, not for code that took one over. `none`: not even these.
   */
  readonly name: "bubblewrap" | "unshare" | "limits" | "none";
  /** By the operating system, whatever runs in it. */
  readonly cutsOff: { readonly network: boolean; readonly files: boolean };
  /** The user, and so what it may read, is another than this process's. */
  readonly readsAsAnother: boolean;
  /** Node's own permission model applies as well: it reads what is named, writes nothing and starts no second process. */
  readonly hasPermissionModel: boolean;
  /** What to start in order to start a program in it. The parent's channel and standard streams go through. */
  command(program: Program): Command;
}

export interface Program {
  readonly command: Command;
  /** Absolute paths of files and folders that it may read, beside the system's libraries. */
  readonly readable: readonly string[];
}

export interface Command {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
}

/** How a sandbox with namespaces of its own is made. */
export interface NamespaceOptions {
  /** For this user alone, and gone with what it belongs to. */
  readonly directory: string;
  readonly maxMemoryBytes: number;
  /** Root alone can have it run as somebody else, who then must be able to read the code. */
  readonly asNobody: boolean;
}
