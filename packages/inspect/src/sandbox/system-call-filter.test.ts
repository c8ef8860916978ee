import assert from "node:assert/strict";
import { test } from "node:test";
import { systemCallFilter } from "./system-call-filter.ts";

interface Call {
  readonly audit: number;
  readonly number: number;
  readonly firstArgument?: number;
}

/** What the kernel would answer: the five instructions of classic BPF that the filter is made of (bpf(4) of BSD). */
function run(filter: Uint8Array, { audit, number, firstArgument = 0 }: Call): number {
  const view = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
  const data = new Map([
    [0, number],
    [4, audit],
    [16, firstArgument],
  ]);
  let accumulator = 0;
  for (let at = 0; at * 8 < filter.byteLength; ) {
    const operand = view.getUint32(at * 8 + 4, true);
    const jump = (isTrue: boolean): number => at + 1 + view.getUint8(at * 8 + (isTrue ? 2 : 3));
    switch (view.getUint16(at * 8, true)) {
      case 0x20:
        accumulator = data.get(operand) ?? assert.fail(`nothing is loaded from ${operand}`);
        at += 1;
        break;
      case 0x15:
        at = jump(accumulator === operand);
        break;
      case 0x35:
        at = jump(accumulator >= operand);
        break;
      case 0x45:
        at = jump((accumulator & operand) !== 0);
        break;
      case 0x06:
        return operand;
      default:
        assert.fail(`instruction ${at} is none of these`);
    }
  }
  return assert.fail("it ended without an answer");
}

const allowed = 0x7fff0000;
const notPermitted = 0x00050001;
const notImplemented = 0x00050026;
const killed = 0x80000000;
const thread = 0x003d0f00;

for (const { name, audit, allows, denies, clone } of [
  // read, mmap, execve, exit_group, futex, setuid; socket, fork, ptrace, mount, unshare, bpf, io_uring_setup.
  {
    name: "x64",
    audit: 0xc000003e,
    allows: [0, 9, 59, 231, 202, 105],
    denies: [41, 57, 101, 165, 272, 321, 425],
    clone: 56,
  },
  // The same, but for fork, which there is not.
  {
    name: "arm64",
    audit: 0xc00000b7,
    allows: [63, 222, 221, 94, 98, 146],
    denies: [198, 117, 40, 97, 280, 425],
    clone: 220,
  },
]) {
  test(`on ${name} what sandboxes are left by is denied, and what decoders do is not`, () => {
    const filter = systemCallFilter(name) ?? assert.fail(name);
    const answer = (number: number, firstArgument = 0): number =>
      run(filter, { audit, number, firstArgument });
    for (const number of allows) assert.equal(answer(number), allowed, `${number}`);
    for (const number of denies) assert.equal(answer(number), notPermitted, `${number}`);
    assert.equal(answer(clone, thread), allowed);
    assert.equal(answer(clone, 17), notPermitted);
    assert.equal(answer(435), notImplemented);
  });

  test(`on ${name} a call by another processor's numbers ends the process`, () => {
    const filter = systemCallFilter(name) ?? assert.fail(name);
    // AUDIT_ARCH_I386, as 32-bit calls of a 64-bit process come.
    assert.equal(run(filter, { audit: 0x40000003, number: 4 }), killed);
  });
}

test("calls of the x32 ABI are denied", () => {
  const filter = systemCallFilter("x64") ?? assert.fail();
  assert.equal(run(filter, { audit: 0xc000003e, number: 0x40000000 }), notPermitted);
});

test("for a processor whose numbers are not known there is no filter", () => {
  assert.equal(systemCallFilter("riscv64"), undefined);
});
