/** `2026-11-21 03:17` where the person is. */
export function formatTime(rfc3339: string): string {
  const time = new Date(rfc3339);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
