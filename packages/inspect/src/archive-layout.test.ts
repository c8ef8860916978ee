import assert from "node:assert/strict";
import { after, test } from "node:test";
import { archiveExaminer, type MadeEntry, zip } from "./made-archives.test-data.ts";

const examine = archiveExaminer({ after });

const content = "some words ".repeat(10);
const evil: MadeEntry = { name: "../evil.sh", content: "x", isHidden: true };

const laidOut: readonly (readonly [what: string, bytes: Buffer])[] = [
  ...([12, 16, 20, 24] as const).map(
    (descriptorBytes) =>
      [
        `sizes behind its bytes, in ${descriptorBytes}`,
        zip([
          { name: "a", content, descriptorBytes },
          { name: "b", content: "", descriptorBytes },
          { name: "c", content, stored: true, descriptorBytes },
        ]),
      ] as const,
  ),
  ["the records of ZIP64", zip([{ name: "a", content }], { large: {} })],
  ["a comment", zip([{ name: "a", content }], { comment: Buffer.from("made by hand") })],
  [
    "sizes in a field of ZIP64",
    zip([
      {
        name: "a",
        content: "ab",
        stored: true,
        localBytes: 0xffffffff,
        localExtra: Buffer.from(`01001000${"0200000000000000".repeat(2)}`, "hex"),
      },
    ]),
  ],
  [
    "an archive stored in it, sizes behind the bytes of both",
    zip([
      {
        name: "a.zip",
        stored: true,
        descriptorBytes: 16,
        content: zip([{ name: "b", content, stored: true, descriptorBytes: 16 }, { name: "c" }]),
      },
    ]),
  ],
  ["other bits that say how it was packed", zip([{ name: "a", content, localFlags: 0x806 }])],
];

for (const [what, bytes] of laidOut) {
  test(`an archive with ${what} is taken`, async () => {
    const examination = await examine(bytes);
    assert.equal(examination.verdict, "accepted", JSON.stringify(examination));
  });
}

/** What is of an entry but its header, and another entry behind it. */
function endAndAnother(descriptorBytes: 12 | 16 | 20 | 24): Buffer {
  const archive = zip([{ name: "a", content, stored: true, descriptorBytes }, { name: "evil" }]);
  return archive.subarray(31, archive.indexOf("PK\x01\x02", 0, "latin1"));
}

const endOf = (archive: Buffer): Buffer =>
  archive.subarray(archive.lastIndexOf("PK\x05\x06", undefined, "latin1"));
const misled: readonly (readonly [what: string, bytes: Buffer, detail: RegExp])[] = [
  ["an entry that is not listed", zip([{ name: "a", content }, evil]), /does not name/],
  ["one before all others", zip([evil, { name: "a", content }]), /does not name/],
  ["bytes before its list", zip([{ name: "a", content }], { padding: Buffer.alloc(1) }), /does not name/],
  ["an empty list over what it contains", zip([{ ...evil, name: "a" }]), /does not name/],
  ["another list in its comment", zip([{ name: "a" }], { comment: endOf(zip([])) }), /more than one list/],
  [
    "another list before its own",
    Buffer.concat([zip([{ name: "a" }]), zip([{ name: "b" }])]),
    /not of what it contains/,
  ],
  [
    "records of ZIP64 that say otherwise",
    zip([{ name: "a" }], { large: { endRecordSays: 7 } }),
    /not of what it contains/,
  ],
  ["another size before its bytes", zip([{ name: "a", content, localBytes: 1 }]), /not of what it contains/],
  ["a lock before its bytes", zip([{ name: "a", content, localFlags: 0x801 }]), /not of what it contains/],
  [
    "another name for those who read that field",
    zip([{ name: "a", localExtra: Buffer.from(`7570060001${"00".repeat(4)}62`, "hex") }]),
    /not of what it contains/,
  ],
  ["bytes behind what is packed", zip([{ name: "a", content, behind: Buffer.alloc(660) }]), /behind its end/],
  [
    "another entry behind what is packed",
    zip([{ name: "a", content, descriptorBytes: 16, behind: endAndAnother(16) }]),
    /behind its end/,
  ],
  ...([12, 16, 20, 24] as const).map(
    (descriptorBytes) =>
      [
        `another entry in a stored one, behind ${descriptorBytes} bytes`,
        zip([{ name: "a", content: endAndAnother(descriptorBytes), stored: true, descriptorBytes }]),
        /two ends/,
      ] as const,
  ),
  ["names that differ in case", zip([{ name: "a/Notes.txt" }, { name: "A/notes.TXT" }]), /the same name/],
  ["folders in each other without end", zip([{ name: `${"a/".repeat(100)}a` }]), /deep in each other/],
  [
    "a name that is in UTF-8 for some",
    zip([{ name: "\u00e9", content, localFlags: 0 }]),
    /not of what it contains/,
  ],
  ["a dot behind a name", zip([{ name: "a.exe" }, { name: "a.exe." }]), /the same name/],
  ["a folder that is a file", zip([{ name: "a" }, { name: "a/b" }]), /the name of a folder/],
  ["a folder that becomes a file", zip([{ name: "A/b/c" }, { name: "a/B" }]), /the name of a folder/],
];

for (const [what, bytes, detail] of misled) {
  test(`an archive with ${what} is not safe`, async () => {
    const examination = await examine(bytes);
    assert.equal(examination.verdict, "rejected");
    assert.equal(examination.code, "archive-unsafe", examination.detail);
    assert.match(examination.detail, detail);
  });
}

test("in archives of programs names may differ in case, and still none comes twice", async () => {
  const both = [{ name: "a/A.class" }, { name: "a/a.class" }, { name: "A" }];
  const java = "application/java-archive";
  assert.equal((await examine(zip(both), java)).verdict, "accepted");
  assert.equal((await examine(zip([...both, { name: "a/A.class" }]), java)).verdict, "rejected");
});

test("a folder that is listed behind its files, and in two cases, is one", async () => {
  const entries = [{ name: "a/b" }, { name: "a/" }, { name: "A/" }, { name: "A/c" }];
  assert.equal((await examine(zip(entries))).verdict, "accepted");
  assert.equal((await examine(zip([{ name: "a/" }, { name: "a/" }]))).verdict, "rejected");
});
