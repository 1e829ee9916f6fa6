// What the page knows. It asks for news every other second while someone looks at it.

import { useEffect, useState } from "preact/hooks";
import { askState } from "./ask";
import type { Answer, Endpoint, Overview } from "./types";

const POLL = 2000; // milliseconds
const FRESH = 60_000; // milliseconds that a new endpoint is marked

interface Known {
  /** Counts up with each change, so that what is derived knows when to be derived anew. */
  change: number;
  /** Whether all of the first endpoints have come. */
  whole: boolean;
  /** Why the program did not answer, if it did not. */
  lost: string | null;
  overview: Overview;
  endpoints: Map<string, Endpoint>;
  /** Endpoints that appeared while the page was open, and when. */
  fresh: Map<string, number>;
}

const NOTHING: Overview = {
  version: "",
  now: 0,
  trouble: null,
  left_out: 0,
  kind: "",
  name: "",
  services: [],
  unseen: {
    unreadable: [],
    nameless: [],
    nameless_requests: 0,
    ambiguous: [],
    unselected_pods: [],
    accounts: [],
    notes: [],
    not_read: [],
    remarks: [],
  },
  nodes: [],
};

export const known: Known = {
  change: 0,
  whole: false,
  lost: null,
  overview: NOTHING,
  endpoints: new Map(),
  fresh: new Map(),
};

let at = { epoch: 0, since: 0 };
const listeners = new Set<() => void>();

/** What the page knows; whoever uses it is drawn again when that changes. */
export function useKnown(): Known {
  const [, draw] = useState(0);
  useEffect(() => {
    const changed = () => draw((n) => n + 1);
    listeners.add(changed);
    return () => void listeners.delete(changed);
  }, []);
  return known;
}

function take(answer: Answer): void {
  if (answer.epoch !== at.epoch) {
    known.endpoints = new Map();
    known.fresh.clear();
    known.whole = false;
  }
  for (const id of answer.gone) known.endpoints.delete(id);
  const now = Date.now();
  for (const endpoint of answer.endpoints) {
    if (known.whole && !known.endpoints.has(endpoint.id)) known.fresh.set(endpoint.id, now);
    known.endpoints.set(endpoint.id, endpoint);
  }
  for (const [id, since] of known.fresh) if (now - since > FRESH) known.fresh.delete(id);
  at = { epoch: answer.epoch, since: answer.revision };
  const { epoch: _, revision: __, more, endpoints: ___, gone: ____, ...overview } = answer;
  known.overview = overview;
  known.whole ||= !more;
  known.lost = null;
  known.change += 1;
}

async function follow(): Promise<void> {
  let wait = POLL;
  if (!document.hidden || !known.whole) {
    try {
      const answer = await askState(at.epoch, at.since);
      take(answer);
      if (answer.more) wait = 0;
    } catch (error) {
      known.lost = error instanceof Error ? error.message : String(error);
      known.change += 1;
    }
    listeners.forEach((changed) => changed());
  }
  // What was read once does not change; it is asked for to know that the program is there.
  const still = known.overview.kind === "captures" || known.overview.kind === "store";
  setTimeout(follow, still ? 5 * wait : wait);
}

/** Begins to ask. */
export function begin(): void {
  void follow();
}
