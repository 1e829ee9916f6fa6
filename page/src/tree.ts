// Endpoints as a tree of their paths.

import type { Endpoint } from "./types";

export interface Folder {
  key: string;
  name: string;
  level: number;
  open: boolean;
  endpoints: number;
}

export interface Leaf {
  key: string;
  level: number;
  endpoint: Endpoint;
}

export type Line = Folder | Leaf;

interface Part {
  parts: Map<string, Part>;
  leaves: Endpoint[];
  endpoints: number;
}

const empty = (): Part => ({ parts: new Map(), leaves: [], endpoints: 0 });

/** So many endpoints are shown unfolded; of more, only what is alone in its place. */
const SMALL = 200;

/** Returns the lines of the tree that are seen. `turned` has those folders that are not as they begin. */
export function lines(endpoints: Endpoint[], turned: ReadonlySet<string>, services: boolean): Line[] {
  const root = empty();
  for (const endpoint of endpoints) {
    const segments = endpoint.path.split("/").slice(1).map((segment) => `/${segment}`);
    if (services) segments.unshift(endpoint.service);
    let part = root;
    part.endpoints += 1;
    for (const segment of segments) {
      let next = part.parts.get(segment);
      if (!next) part.parts.set(segment, (next = empty()));
      next.endpoints += 1;
      part = next;
    }
    part.leaves.push(endpoint);
  }
  const all: Line[] = [];
  const unfolded = endpoints.length <= SMALL;
  const walk = (part: Part, key: string, level: number) => {
    for (const leaf of part.leaves.sort((a, b) => (a.method < b.method ? -1 : 1)))
      all.push({ key: leaf.id, level, endpoint: leaf });
    const begins = unfolded || part.parts.size + part.leaves.length === 1;
    for (const [segment, first] of [...part.parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      // What has one way on only is one line.
      let [name, inside] = [segment, first];
      while (!inside.leaves.length && inside.parts.size === 1) {
        const [[more, next]] = [...inside.parts] as [[string, Part]];
        name += services && level === 1 && name === segment ? ` ${more}` : more;
        inside = next;
      }
      const own = `${key}${name}`;
      const open = begins !== turned.has(own);
      all.push({ key: own, name, level, open, endpoints: inside.endpoints });
      if (open) walk(inside, own, level + 1);
    }
  };
  walk(root, "", 1);
  return all;
}
