// The first view: how much there is, what needs someone, and all Services.

import { useMemo } from "preact/hooks";
import { Method, Path, Section } from "../parts";
import { go, to } from "../route";
import { Rows } from "../rows";
import { useKnown } from "../store";
import type { Endpoint, Service } from "../types";
import { DAY, ago, count, plural } from "../words";

interface Of {
  findings: number;
  fresh: number;
}

/** What endpoints say of their Services. */
function byService(endpoints: Iterable<Endpoint>, now: number): Map<string, Of> {
  const all = new Map<string, Of>();
  for (const one of endpoints) {
    let of = all.get(one.service);
    if (!of) all.set(one.service, (of = { findings: 0, fresh: 0 }));
    of.findings += one.findings.length;
    of.fresh += Number(now - one.first_seen < DAY);
  }
  return all;
}

const worst = ["high", "medium", "low", "info"];

/** Kinds of findings, with how many endpoints have them, the gravest first. */
function kinds(endpoints: Iterable<Endpoint>): [string, number][] {
  const all = new Map<string, number>();
  for (const one of endpoints) for (const finding of one.findings) all.set(finding, (all.get(finding) ?? 0) + 1);
  const grave = (text: string) => worst.indexOf(text.split(" ")[0] ?? "");
  return [...all].sort(([a, n], [b, m]) => grave(a) - grave(b) || m - n);
}

export function OverviewView() {
  const known = useKnown();
  const { overview, endpoints } = known;
  const { now, kind, services, unseen, nodes } = overview;
  const live = kind !== "captures";
  const of = useMemo(() => byService(endpoints.values(), now), [known.change]);
  const found = useMemo(() => kinds(endpoints.values()), [known.change]);
  const newest = useMemo(
    () => [...endpoints.values()].sort((a, b) => b.first_seen - a.first_seen).slice(0, 8),
    [known.change],
  );
  const sum = (value: (service: Service) => number) => services.reduce((all, one) => all + value(one), 0);
  const fresh = [...of.values()].reduce((all, one) => all + one.fresh, 0);
  const unreadable = unseen.unreadable.flatMap((one) => one.reasons).reduce((all, one) => all + one.connections, 0);
  const errors = nodes.flatMap((node) => node.errors);

  return (
    <>
      <h1>Overview</h1>
      {errors.length > 0 && (
        <Section title="Needs someone" class="bad">
          <ul class="plain">
            {errors.map((error) => (
              <li key={error}>{error}</li>
            ))}
          </ul>
        </Section>
      )}
      <dl class="tiles">
        <Tile name="Services" value={services.length} />
        <Tile name="endpoints" value={endpoints.size} to={to("endpoints")} />
        {live && <Tile name="new in a day" value={fresh} to={to("endpoints", "", { new: "1" })} />}
        <Tile name="requests" value={sum((one) => one.requests)} />
        <Tile
          name="findings"
          value={found.reduce((all, [, times]) => all + times, 0)}
          to={to("endpoints", "", { finding: "any" })}
          tone={found.some(([text]) => text.startsWith("high")) ? "bad" : undefined}
        />
        <Tile name="not readable" value={unreadable} to={to("unseen")} tone={unreadable ? "bad" : undefined} />
        {live && <Tile name="on the platform" value={sum((one) => one.pushed)} />}
        {live && <Tile name="waiting" value={sum((one) => one.waiting)} />}
      </dl>
      <div class="columns">
        <Section title="Services" class="wide">
          {services.length ? (
            <Services services={services} of={of} live={live} />
          ) : (
            <p class="none">No Service was seen yet. Requests that come in now appear here by themselves.</p>
          )}
        </Section>
        <div class="side">
          <ServiceMap services={services} of={of} live={live} nodes={nodes.length} />
          <Section title="Findings">
            {found.length ? (
              <ul class="links">
                {found.map(([text, times]) => (
                  <li key={text}>
                    <a href={to("endpoints", "", { finding: text })}>
                      <span class={`severity ${text.split(" ")[0]}`}>{text.split(" ")[0]}</span>
                      <span>{text.split(" ").slice(1).join(" ").replaceAll("-", " ")}</span>
                      <span class="number">{count(times)}</span>
                    </a>
                  </li>
                ))}
              </ul>
            ) : (
              <p class="none">None.</p>
            )}
          </Section>
          <Section title="Found last">
            {newest.length ? (
              <ul class="links">
                {newest.map((one) => (
                  <li key={one.id} class={known.fresh.has(one.id) ? "fresh" : ""}>
                    <a href={to("service", one.service, { endpoint: one.id })}>
                      <Method of={one.method} />
                      <Path of={one.path} />
                      <span class="number">{ago(one.first_seen, now)}</span>
                    </a>
                  </li>
                ))}
              </ul>
            ) : (
              <p class="none">Nothing yet.</p>
            )}
          </Section>
        </div>
      </div>
    </>
  );
}

function Tile(props: { name: string; value: number; to?: string; tone?: string | undefined }) {
  const value = <span class={`value ${props.tone ?? ""}`}>{count(props.value)}</span>;
  return (
    <div class="tile">
      <dt>{props.name}</dt>
      <dd>{props.to ? <a href={props.to}>{value}</a> : value}</dd>
    </div>
  );
}

interface OfServices {
  services: Service[];
  of: Map<string, Of>;
  live: boolean;
}

function Services({ services, of, live }: OfServices) {
  const columns = [
    { name: "name", title: "Service" },
    { name: "requests", title: "Requests" },
    { name: "endpoints", title: "Endpoints" },
    ...(live ? [{ name: "fresh", title: "New" }, { name: "push", title: "On the platform" }] : []),
    { name: "findings", title: "Findings" },
    { name: "why", title: "Note" },
  ];
  return (
    <Rows
      label="Services"
      layout={live ? "of-services" : "of-services still"}
      columns={columns}
      items={services}
      id={(one) => one.service}
      open={(one) => go(to("service", one.service))}
      cells={(one) => [
        <a href={to("service", one.service)} tabIndex={-1} title={one.service}>
          {one.service}
        </a>,
        count(one.requests),
        count(one.endpoints),
        ...(live ? [count(of.get(one.service)?.fresh ?? 0), <Push of={one} />] : []),
        <span class={of.get(one.service)?.findings ? "some" : "zero"}>{count(of.get(one.service)?.findings ?? 0)}</span>,
        <span class="why" title={[one.unreadable, one.why].filter((text) => text && text !== "-").join("; ")}>
          {one.unreadable && <span class="bad">not readable: {one.unreadable} </span>}
          {one.why === "-" ? "" : one.why}
        </span>,
      ]}
    />
  );
}

/** How many of a Service's endpoints are on the platform, and wait, as a bar. */
function Push({ of }: { of: Service }) {
  const all = Math.max(1, of.endpoints);
  const words = `${of.pushed} of ${plural(of.endpoints, "endpoint")} pushed, ${of.waiting} waiting, ${of.set_aside} set aside`;
  return (
    <span class="push" role="img" aria-label={words} title={words}>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="all" width="100" height="8" />
        <rect class="good" width={(100 * of.pushed) / all} height="8" />
        <rect class="going" x={(100 * of.pushed) / all} width={(100 * of.waiting) / all} height="8" />
      </svg>
      {count(of.pushed)}
    </span>
  );
}

const MAPPED = 400; // Services on the map

/** All Services at a glance: larger where more is asked, coloured by how they stand. */
function ServiceMap({ services, of, live, nodes }: OfServices & { nodes: number }) {
  const sorted = [...services].sort((a, b) => b.requests - a.requests).slice(0, MAPPED);
  const look = (one: Service) => {
    if (!one.endpoints) return one.unreadable ? "dark" : "off";
    if (of.get(one.service)?.findings) return "warn";
    if (live && !one.mapped) return "off";
    return live && one.waiting ? "going" : "good";
  };
  const words: Record<string, string> = {
    good: live ? "all pushed" : "read",
    going: "waiting",
    warn: "findings",
    off: live ? "not mapped, or silent" : "silent",
    dark: "not readable",
  };
  const used = Object.keys(words).filter((name) => sorted.some((one) => look(one) === name));
  return (
    <Section title={live && nodes ? `Map of ${plural(nodes, "node")}` : "Map"}>
      <div class="map">
        {sorted.map((one) => (
          <a
            key={one.service}
            href={to("service", one.service)}
            class={`place ${look(one)} size${Math.min(4, Math.floor(Math.log10(one.requests + 1)))}`}
            title={`${one.service}: ${plural(one.requests, "request")}, ${words[look(one)]}`}
          >
            {one.service.split("/").pop()}
          </a>
        ))}
      </div>
      <ul class="key">
        {used.map((name) => (
          <li key={name}>
            <span class={`dot ${name}`} />
            {words[name]}
          </li>
        ))}
      </ul>
    </Section>
  );
}
