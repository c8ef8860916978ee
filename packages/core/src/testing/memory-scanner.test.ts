import { describeScanner } from "../ports/scanner.contract.ts";
import { createMemoryScanner } from "./memory-scanner.ts";

for (const options of [{}, { maxSizeBytes: 1_000_000 }])
  describeScanner(`the scanner in memory, ${JSON.stringify(options)},`, async () => {
    const scanner = createMemoryScanner(options);
    scanner.signatures.set("Test-Signature", "bad bad bad");
    return { scanner, malware: Buffer.from("bad bad bad"), close: async () => undefined };
  });
