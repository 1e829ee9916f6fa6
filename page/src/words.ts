// Numbers, times and states in words.

export const count = (number: number): string => number.toLocaleString("en");

export const plural = (number: number, word: string, several = `${word}s`): string =>
  `${count(number)} ${number === 1 ? word : several}`;

/** How long ago a time is, in one unit. Times are in seconds since the Unix epoch; 0 is never. */
export function ago(time: number, now: number): string {
  if (!time) return "never";
  return `${span(Math.max(0, now - time))} ago`;
}

export function span(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${count(Math.floor(seconds / 86_400))} days`;
}

/** A time in full, as people here write it. */
export const date = (time: number): string =>
  time ? new Date(time * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }) : "never";

export function bytes(number: number): string {
  if (number < 1 << 20) return `${count(Math.ceil(number / 1024))} KiB`;
  return `${(number / (1 << 20)).toFixed(1)} MiB`;
}

/** How a state looks: arrived, on its way, not to be pushed, in trouble. */
export function tone(state: string): "good" | "going" | "off" | "bad" {
  if (["verified", "pushed", "covered"].includes(state)) return "good";
  if (["updating", "waiting", "settling"].includes(state)) return "going";
  if (["set aside", "removed", "overflow"].includes(state)) return "bad";
  return "off";
}

export const DAY = 86_400; // seconds
