// A seccomp filter in classic BPF (Linux, Documentation/userspace-api/seccomp_filter.rst), as `bwrap --seccomp` reads it.

/** Of one processor: numbers from asm/unistd_64.h and asm-generic/unistd.h. */
interface Architecture {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly audit: number;
  readonly denied: readonly number[];
  readonly clone: number;
  readonly clone3: number;
}

/** io_uring_*, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr: the same number everywhere. */
const deniedEverywhere = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442];

const architectures = new Map<string, Architecture>([
  [
    "x64",
    {
      audit: 0xc000003e,
      // socket, fork, vfork, ptrace, modify_ldt, pivot_root, chroot, mount, umount2, init_module, delete_module,
      // kexec_load, add_key, request_key, keyctl, unshare, perf_event_open, open_by_handle_at, setns,
      // process_vm_readv, process_vm_writev, finit_module, kexec_file_load, bpf, execveat, userfaultfd
      denied: [
        41, 57, 58, 101, 154, 155, 161, 165, 166, 175, 176, 246, 248, 249, 250, 272, 298, 304, 308, 310, 311,
        313, 320, 321, 322, 323,
      ],
      clone: 56,
      clone3: 435,
    },
  ],
  [
    "arm64",
    {
      audit: 0xc00000b7,
      // umount2, mount, pivot_root, chroot, unshare, kexec_load, init_module, delete_module, ptrace, socket, add_key,
      // request_key, keyctl, perf_event_open, open_by_handle_at, setns, process_vm_readv, process_vm_writev,
      // finit_module, bpf, execveat, userfaultfd, kexec_file_load
      denied: [
        39, 40, 41, 51, 97, 104, 105, 106, 117, 198, 217, 218, 219, 241, 265, 268, 270, 271, 273, 280, 281,
        282, 294,
      ],
      clone: 220,
      clone3: 435,
    },
  ],
]);

/** linux/bpf_common.h: load a word of seccomp_data; jump where equal, at least, has a bit; return. */
const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const giveBack = 0x06;
/** struct seccomp_data of linux/seccomp.h: offsets of the number, the architecture, and the first argument's low half. */
const numberAt = 0;
const architectureAt = 4;
const firstArgumentAt = 16;
const allow = 0x7fff0000;
const killProcess = 0x80000000;
const fail = (errno: number): number => 0x00050000 | errno;
const notPermitted = fail(1);
const notImplemented = fail(38);
const cloneThread = 0x00010000;
/** x64 only: the calls of the x32 ABI, which go by other numbers. */
const x32Bit = 0x40000000;

/**
 * What a decoding process never needs, and what has been the way out of sandboxes: new processes (threads are fine),
 * sockets, other processes' memory, mounts and namespaces, keys, BPF, io_uring, perf, userfaultfd. Denied with EPERM.
 * `clone3` is said not to exist, since its flags can't be looked at: libraries then use `clone`.
 *
 * @returns `undefined` for a processor whose numbers are not known here
 */
export function systemCallFilter(architecture: string): Uint8Array | undefined {
  const known = architectures.get(architecture);
  if (!known) return undefined;
  const { audit, denied, clone, clone3 } = known;
  const checks = [...denied, ...deniedEverywhere].flatMap((number) => [
    instruction(jumpIfEqual, number, 0, 1),
    instruction(giveBack, notPermitted),
  ]);
  return Buffer.concat([
    instruction(load, architectureAt),
    instruction(jumpIfEqual, audit, 1, 0),
    instruction(giveBack, killProcess),
    instruction(load, numberAt),
    instruction(jumpIfAtLeast, x32Bit, 0, 1),
    instruction(giveBack, notPermitted),
    ...checks,
    instruction(jumpIfEqual, clone3, 0, 1),
    instruction(giveBack, notImplemented),
    instruction(jumpIfEqual, clone, 1, 0),
    instruction(giveBack, allow),
    instruction(load, firstArgumentAt),
    instruction(jumpIfAnyBit, cloneThread, 1, 0),
    instruction(giveBack, notPermitted),
    instruction(giveBack, allow),
  ]);
}

/** struct sock_filter of linux/filter.h, in the byte order of both processors. */
function instruction(code: number, operand: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand >>> 0, 4);
  return bytes;
}
