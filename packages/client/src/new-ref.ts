/** A ref: the time in milliseconds, twelve hexadecimal digits, and 80 random bits. By its time the server finds it with less work. */
export function newRef(random: () => number): string {
  let hex = `0${Date.now().toString(16)}`;
  while (hex.length < 32)
    hex += Math.floor(random() * 0x10000)
      .toString(16)
      .padStart(4, "0");
  return hex;
}
