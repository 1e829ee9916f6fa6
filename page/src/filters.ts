// Which endpoints are shown: all filters together must hold. They stand in the address.

import type { Endpoint } from "./types";
import { DAY } from "./words";

/** Names of filters by one value of an endpoint, with the values that an endpoint has of them. */
export const CHOICES = {
  method: { title: "Method", of: (one: Endpoint) => [one.method] },
  status: {
    title: "Status",
    of: (one: Endpoint) => [...new Set(one.statuses.map(([status]) => `${Math.floor(status / 100)}xx`))],
  },
  auth: { title: "Protection", of: (one: Endpoint) => [one.protection] },
  label: { title: "Sensitive", of: (one: Endpoint) => one.labels },
  finding: { title: "Finding", of: (one: Endpoint) => one.findings },
  state: { title: "State", of: (one: Endpoint) => [one.state] },
} as const;

export type Choice = keyof typeof CHOICES;

/** Values of a filter with how many endpoints have them. */
export function values(choice: Choice, endpoints: Endpoint[]): [string, number][] {
  const all = new Map<string, number>();
  for (const one of endpoints) for (const value of CHOICES[choice].of(one)) all.set(value, (all.get(value) ?? 0) + 1);
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Returns whether an endpoint is wanted by these parameters of the address, at this time. */
export function wanted(parameters: URLSearchParams, now: number): (one: Endpoint) => boolean {
  const words = (parameters.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = (Object.keys(CHOICES) as Choice[]).flatMap((choice) => {
    const value = parameters.get(choice);
    return value ? [[CHOICES[choice].of, value] as const] : [];
  });
  const fresh = parameters.has("new");
  return (one) => {
    if (fresh && now - one.first_seen >= DAY) return false;
    for (const [of, value] of chosen) {
      const has = of(one);
      if (value === "any" ? !has.length : !has.includes(value)) return false;
    }
    if (!words.length) return true;
    const text = [one.method, one.path, one.service, one.calls ?? "", ...one.credentials, ...one.labels, ...one.findings]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
