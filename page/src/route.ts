// Where in the page someone is stands in the address, with all filters: it can be kept, sent and gone back to.

import { useEffect, useState } from "preact/hooks";

export interface Route {
  /** The view: `""` is the overview. */
  view: string;
  /** What it is of: the name of a Service. */
  of: string;
  parameters: URLSearchParams;
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", of = ""] = path.split("/", 2);
  let name = of;
  try {
    name = decodeURIComponent(of);
  } catch {
    // Someone wrote it by hand; no Service has such a name.
  }
  return { view, of: name, parameters: new URLSearchParams(query) };
}

/** The address of a view. */
export function to(view: string, of = "", parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${of && `/${encodeURIComponent(of)}`}${query && `?${query}`}`;
}

/** Goes on to another address. Steps of typing are no places to go back to. */
export function go(address: string, typing = false): void {
  if (typing) {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address;
  }
}

/** The same place with other parameters; an empty one goes. */
export function set(route: Route, changes: Record<string, string>, typing = false): void {
  const parameters = new URLSearchParams(route.parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(name, value);
    else parameters.delete(name);
  }
  go(to(route.view, route.of, Object.fromEntries(parameters)), typing);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
