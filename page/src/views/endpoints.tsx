// Endpoints: of one Service, or of all. A table or a tree of paths, filters, and one of them in full beside it.

import { useEffect, useMemo, useState } from "preact/hooks";
import { documentOf } from "../ask";
import { CHOICES, type Choice, values, wanted } from "../filters";
import { Labels, Method, Path, State, Statuses } from "../parts";
import { type Route, set } from "../route";
import { type Column, Rows } from "../rows";
import { useKnown } from "../store";
import { type Line, lines } from "../tree";
import type { Endpoint } from "../types";
import { ago, count, plural } from "../words";
import { Detail } from "./detail";

const SORTS: Record<string, (a: Endpoint, b: Endpoint) => number> = {
  path: (a, b) => compare(a.service, b.service) || compare(a.path, b.path) || compare(a.method, b.method),
  requests: (a, b) => a.requests - b.requests,
  last: (a, b) => a.last_seen - b.last_seen,
  method: (a, b) => compare(a.method, b.method),
  state: (a, b) => compare(a.state, b.state),
};

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export function EndpointsView({ route }: { route: Route }) {
  const known = useKnown();
  const { overview, endpoints } = known;
  const { now, kind } = overview;
  const service = route.view === "service" ? route.of : "";
  const [typed, setTyped] = useState(route.parameters.get("q") ?? "");
  useEffect(() => setTyped(route.parameters.get("q") ?? ""), [route]);

  const all = useMemo(
    () => [...endpoints.values()].filter((one) => !service || one.service === service),
    [known.change, service],
  );
  const sorting = route.parameters.get("sort") ?? "path";
  const shown = useMemo(() => {
    const [name, down] = [sorting.replace(/^-/, ""), sorting.startsWith("-")];
    const by = SORTS[name] ?? SORTS["path"]!;
    const found = all.filter(wanted(route.parameters, now));
    found.sort((a, b) => (down ? -1 : 1) * by(a, b) || SORTS["path"]!(a, b));
    return found;
  }, [all, route]);
  const line = overview.services.find((one) => one.service === service);
  const asTree = route.parameters.has("tree");
  const opened = route.parameters.get("endpoint") ?? "";
  const open = (id: string) => set(route, { endpoint: id === opened ? "" : id });
  const filtered = shown.length !== all.length;

  // Escape closes what is open.
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape" && opened) set(route, { endpoint: "" });
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [route]);

  return (
    <div class={`browse ${opened ? "with-detail" : ""}`}>
      <div class="list">
        <div class="title">
          <h1>{service || "Endpoints"}</h1>
          {service && all.length > 0 && (
            <p class="downloads">
              OpenAPI: <a href={documentOf(service, "yaml")}>YAML</a> <a href={documentOf(service, "json")}>JSON</a>
            </p>
          )}
        </div>
        {service && line && (
          <p class="about">
            {plural(line.requests, "request")}
            {kind !== "captures" && `, ${count(line.pushed)} pushed, ${count(line.waiting)} waiting`}
            {line.set_aside > 0 && `, ${count(line.set_aside)} set aside`}
            {line.unreadable && <span class="bad">, not readable: {line.unreadable}</span>}
            {line.why !== "-" && line.why && `; ${line.why}`}
          </p>
        )}
        <div class="filters" role="search" aria-label="Filters">
          <input
            type="search"
            aria-label="Filter by path, method, label or finding"
            placeholder="path, method, label, finding …"
            value={typed}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              set(route, { q: event.currentTarget.value }, true);
            }}
          />
          {(Object.keys(CHOICES) as Choice[]).map((choice) => (
            <Select key={choice} choice={choice} all={all} route={route} />
          ))}
          {kind !== "captures" && (
            <label class="check">
              <input
                type="checkbox"
                checked={route.parameters.has("new")}
                onChange={(event) => set(route, { new: event.currentTarget.checked ? "1" : "" })}
              />
              new in a day
            </label>
          )}
          <label class="check">
            <input
              type="checkbox"
              checked={asTree}
              onChange={(event) => set(route, { tree: event.currentTarget.checked ? "1" : "" })}
            />
            as a tree
          </label>
          <p class="found" role="status">
            {filtered ? `${count(shown.length)} of ${plural(all.length, "endpoint")}` : plural(all.length, "endpoint")}
            {filtered && (
              <button
                type="button"
                class="quiet"
                onClick={() => set(route, { ...Object.fromEntries(Object.keys(CHOICES).map((one) => [one, ""])), q: "", new: "" })}
              >
                show all
              </button>
            )}
          </p>
        </div>
        {overview.left_out > 0 && <p class="note">{plural(overview.left_out, "endpoint")} found no room in this list.</p>}
        {!all.length ? (
          <p class="none">
            {!known.whole
              ? "Asking …"
              : line?.unreadable
                ? "Nothing of this Service could be read; “What is not seen” says why."
                : "No endpoint was seen yet. Requests that come in now appear here by themselves."}
          </p>
        ) : !shown.length ? (
          <p class="none">No endpoint is like this.</p>
        ) : asTree ? (
          <Tree endpoints={shown} service={service} opened={opened} open={open} />
        ) : (
          <Table endpoints={shown} service={service} opened={opened} open={open} route={route} sorting={sorting} />
        )}
      </div>
      {opened && <Detail id={opened} close={() => set(route, { endpoint: "" })} />}
    </div>
  );
}

function Select({ choice, all, route }: { choice: Choice; all: Endpoint[]; route: Route }) {
  const chosen = route.parameters.get(choice) ?? "";
  const known = useMemo(() => values(choice, all), [all]);
  if (!chosen && known.length < 2 && choice !== "label" && choice !== "finding") return null;
  if (!chosen && !known.length) return null;
  const several = choice === "label" || choice === "finding";
  return (
    <select
      class={chosen ? "chosen" : ""}
      aria-label={CHOICES[choice].title}
      value={chosen}
      onChange={(event) => set(route, { [choice]: event.currentTarget.value })}
    >
      <option value="">{CHOICES[choice].title}</option>
      {several && <option value="any">any</option>}
      {known.map(([value, times]) => (
        <option key={value} value={value}>
          {value.replaceAll("_", " ")} ({count(times)})
        </option>
      ))}
      {chosen && chosen !== "any" && !known.some(([value]) => value === chosen) && <option value={chosen}>{chosen} (0)</option>}
    </select>
  );
}

interface List {
  endpoints: Endpoint[];
  service: string;
  opened: string;
  open: (id: string) => void;
}

function cells(one: Endpoint, now: number) {
  return [
    <Statuses of={one.statuses} />,
    <span class={`protection ${one.protection}`} title={one.credentials.join("; ")}>
      {one.protection === "unknown" ? "" : one.protection}
    </span>,
    <Labels of={one.labels} />,
    one.findings.length ? (
      <span class={`severity ${one.findings[0]?.split(" ")[0]}`} title={one.findings.join("\n")}>
        {one.findings.length}
      </span>
    ) : (
      ""
    ),
    count(one.requests),
    ago(one.last_seen, now),
    <State of={one.state} />,
  ];
}

function Table({ endpoints, service, opened, open, route, sorting }: List & { route: Route; sorting: string }) {
  const { fresh, overview } = useKnown();
  const head = (name: string, title: string, by?: string, down = false): Column => ({
    name,
    title,
    ...(by && {
      sort: () => set(route, { sort: sorting === by ? `-${by}` : sorting === `-${by}` || !down ? by : `-${by}` }),
      sorted: sorting === by ? "ascending" : sorting === `-${by}` ? "descending" : undefined,
    }),
  });
  return (
    <Rows
      key={service}
      label={service ? `Endpoints of ${service}` : "Endpoints"}
      layout={`of-endpoints${service ? "" : " all"}${overview.kind === "captures" ? " still" : ""}`}
      columns={[
        head("method", "Method", "method"),
        head("path", "Path", "path"),
        head("statuses", "Status"),
        head("protection", "Protection"),
        head("labels", "Sensitive"),
        head("findings", "Findings"),
        head("requests", "Requests", "requests", true),
        head("last", "Last seen", "last", true),
        head("state", "State", "state"),
      ]}
      items={endpoints}
      id={(one) => one.id}
      opened={opened}
      open={(one) => open(one.id)}
      mark={(one) => (fresh.has(one.id) ? "fresh" : "")}
      cells={(one) => [
        <Method of={one.method} />,
        <>
          {fresh.has(one.id) && <span class="new">new</span>}
          {!service && <span class="service">{one.service}</span>}
          <Path of={one.path} />
        </>,
        ...cells(one, overview.now),
      ]}
    />
  );
}

function Tree({ endpoints, service, opened, open }: List) {
  const { fresh, overview } = useKnown();
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const items = useMemo(() => lines(endpoints, turned, !service), [endpoints, turned]);
  const turn = (key: string) => {
    const next = new Set(turned);
    if (!next.delete(key)) next.add(key);
    setTurned(next);
  };
  const columns = ["path", "statuses", "protection", "labels", "findings", "requests", "last", "state"];
  const titles = ["Path", "Status", "Protection", "Sensitive", "Findings", "Requests", "Last seen", "State"];
  return (
    <Rows<Line>
      key={service}
      label={service ? `Paths of ${service}` : "Paths"}
      layout={`of-paths${overview.kind === "captures" ? " still" : ""}`}
      columns={columns.map((name, place) => ({ name, title: titles[place] }))}
      items={items}
      id={(one) => one.key}
      opened={opened}
      open={(one) => ("name" in one ? turn(one.key) : open(one.key))}
      fold={(one, wish) => "name" in one && one.open !== wish && turn(one.key)}
      depth={(one) => ("name" in one ? { level: one.level, expanded: one.open } : { level: one.level })}
      mark={(one) => ("name" in one ? "folder" : fresh.has(one.key) ? "fresh" : "")}
      cells={(one) => {
        const indent = { paddingInlineStart: `${(one.level - 1) * 18}px` };
        if ("name" in one)
          return [
            <span class="leaf" style={indent}>
              <span class={`fold ${one.open ? "open" : ""}`} aria-hidden="true" />
              <Path of={one.name} />
              <span class="number">{count(one.endpoints)}</span>
            </span>,
            ...Array<string>(7).fill(""),
          ];
        return [
          <span class="leaf" style={indent}>
            <Method of={one.endpoint.method} />
            {fresh.has(one.key) && <span class="new">new</span>}
            {one.endpoint.calls && <span class="note">{one.endpoint.calls}</span>}
          </span>,
          ...cells(one.endpoint, overview.now),
        ];
      }}
    />
  );
}
