/** A PDF of so many letter-size pages, the first of which says so. */
export function makePdf(pages: number): Buffer {
  const content = `BT /F 48 Tf 72 640 Td (${pages} pages) Tj ET 0.8 0.2 0.1 rg 72 72 468 300 re f`;
  const box = "/MediaBox[0 0 612 792]";
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Count ${pages}/Kids[3 0 R${" 6 0 R".repeat(pages - 1)}]>>`,
    `<</Type/Page/Parent 2 0 R${box}/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>`,
    `<</Length ${content.length}>>\nstream\n${content}\nendstream`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    `<</Type/Page/Parent 2 0 R${box}>>`,
  ];
  let text = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return String(offset).padStart(10, "0");
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((at) => `${at} 00000 n \n`).join("")}`;
  text += `trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}
