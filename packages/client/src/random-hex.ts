/** 128 bits, in hex. */
export function randomHex(random: () => number): string {
  let hex = "";
  while (hex.length < 32)
    hex += Math.floor(random() * 0x10000)
      .toString(16)
      .padStart(4, "0");
  return hex;
}
