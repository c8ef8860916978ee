import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { safeFileName } from "./content-disposition.ts";
import { extensionOf, nameForContent, typeContradictedBy } from "./name-extension.ts";

test("an ending that names another type contradicts the content", () => {
  for (const [name, contentType, named] of [
    ["photo.html", "image/jpeg", "text/html"],
    ["photo.jpg.HTML", "image/jpeg", "text/html"],
    ["invoice.pdf", "image/jpeg", "application/pdf"],
    ["photo.png", "image/jpeg", "image/png"],
    ["setup.exe.", "application/pdf", "application/x-msdownload"],
    ["setup.exe . ", "application/pdf", "application/x-msdownload"],
    ["drawing.svg", "image/png", "image/svg+xml"],
    ["film.jpg", "video/mp4", "image/jpeg"],
    ["drawing.svgz", "image/png", "image/svg+xml"],
    ["photos.library-ms", "application/pdf", "application/x-ms-library"],
    ["photo.jpg.SettingContent-ms", "image/jpeg", "application/x-ms-setting-content"],
  ] as const)
    assert.equal(typeContradictedBy(name, contentType), named, name);
});

test("no picture or document goes by the ending of what a system runs, opens or mounts", () => {
  const endings =
    "url desktop scf com pif lnk hta webloc library-ms search-ms searchconnector-ms settingcontent-ms appref-ms jnlp cpl msc reg iso xll iqy chm command application msix ps1xml wsc inf rdp diagcab mobileconfig shs shb job udl crt wim vmdk osdx flatpakref snap service so dylib htc xaml ini pssc prefpane kext ipa sparseimage whl";
  for (const ending of endings.split(" ")) {
    assert.notEqual(typeContradictedBy(`photo.${ending}`, "image/jpeg"), undefined, ending);
    assert.equal(nameForContent(`photo.${ending} .`, "image/jpeg"), `photo.${ending}.jpg`);
  }
});

test("each of a type's endings, unknown ones and none at all go with the content", () => {
  for (const [name, contentType] of [
    ["a.jpg", "image/jpeg"],
    ["a.JPEG", "image/jpeg"],
    ["a.jfif", "image/jpeg"],
    ["a.html.jpe", "image/jpeg"],
    ["IMG_1.HEIF", "image/heic"],
    ["scan.tif", "image/tiff"],
    ["MVI.MOV", "video/mp4"],
    ["clip.m4v", "video/quicktime"],
    ["clip.qt", "video/quicktime"],
    ["letter.zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ["report v1.2", "application/pdf"],
    ["holiday.final", "image/png"],
    ["drawing.svgz", "application/gzip"],
    ["letter.dotx", "application/vnd.openxmlformats-officedocument.wordprocessingml.template"],
    ["photo", "image/jpeg"],
    [".jpg", "image/jpeg"],
    ["constructor.__proto__", "image/jpeg"],
    ["", "image/jpeg"],
  ] as const)
    assert.equal(typeContradictedBy(name, contentType), undefined, name);
});

test("a name that was given to other content gets the content's own ending, and no other name is changed", () => {
  assert.equal(nameForContent("photo.html", "image/jpeg"), "photo.html.jpg");
  assert.equal(nameForContent("photo.html. .", "image/jpeg"), "photo.html.jpg");
  assert.equal(nameForContent("photo.jpg", "application/pdf"), "photo.jpg.pdf");
  assert.equal(nameForContent("song.html", "audio/x-unheard-of"), "song.html.bin");
  assert.equal(nameForContent("photo.jpeg", "image/jpeg"), "photo.jpeg");
});

test("whatever a name is, the one that is given out contradicts nothing", () => {
  const ending = fc.constantFrom("", ".html", ".jpg", ".exe ", ".svg.", ".pdf", ".x");
  const contentType = fc.constantFrom(
    "image/jpeg",
    "application/pdf",
    "video/webm",
    "text/csv",
    "image/x-other",
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), ending, contentType, (stem, end, content) => {
      const given = nameForContent(stem + end, content);
      assert.equal(typeContradictedBy(given, content), undefined);
      assert.ok(given.startsWith(safeFileName(stem + end).replace(/[.\s]+$/u, "")));
      assert.notEqual(extensionOf(given), "");
    }),
  );
});

test("an ending that comes to light where a long name is cut contradicts nothing either", () => {
  const names = [
    `${"a".repeat(235)}.html${"b".repeat(12)}`,
    `${"a".repeat(236)}.hta\u200B\u200B\u200B`,
    `${"é".repeat(118)}.exe.${"x".repeat(9)}`,
  ];
  for (const name of names) {
    const given = nameForContent(name, "image/jpeg");
    assert.match(given, /\.jpg$/, name);
    assert.equal(safeFileName(given), given, "as it stands in the header");
  }
  fc.assert(
    fc.property(
      fc.constantFrom("html", "hta", "exe", "svg", "jpg"),
      fc.nat({ max: 260 }),
      fc.string({ unit: "grapheme", maxLength: 20 }),
      (ending, length, rest) => {
        const given = nameForContent(`${"a".repeat(length)}.${ending}${rest}`, "image/png");
        assert.equal(typeContradictedBy(safeFileName(given), "image/png"), undefined);
      },
    ),
    { numRuns: 2000 },
  );
});
