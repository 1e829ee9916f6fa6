// Small parts that several views have.

import type { ComponentChildren } from "preact";
import { tone } from "./words";

export function Method({ of }: { of: string }) {
  const known = /^(GET|HEAD|POST|PUT|PATCH|DELETE)$/.test(of) ? of : "";
  return <span class={`method ${known}`}>{of}</span>;
}

/** A path with its variables set off. */
export function Path({ of }: { of: string }) {
  const parts = of.split(/(\{[^{}]*\})/);
  return (
    <span class="path" title={of}>
      {parts.map((part, place) => (place % 2 ? <b key={place}>{part}</b> : part))}
    </span>
  );
}

export function State({ of }: { of: string }) {
  return <span class={`state ${tone(of)}`}>{of.replaceAll("_", " ")}</span>;
}

export function Statuses({ of }: { of: [number, number][] }) {
  const sorted = [...of].sort(([a], [b]) => a - b);
  return (
    <span class="statuses">
      {sorted.map(([status, times]) => (
        <span key={status} class={`status s${Math.floor(status / 100)}`} title={`${times} times`}>
          {status}
        </span>
      ))}
    </span>
  );
}

export function Labels({ of }: { of: string[] }) {
  return (
    <span class="labels" title={of.join(", ")}>
      {of.map((label) => (
        <span key={label} class="label">
          {label}
        </span>
      ))}
    </span>
  );
}

/** A part of a view with a head. */
export function Section(props: { title: string; note?: ComponentChildren; class?: string; children: ComponentChildren }) {
  return (
    <section class={`card ${props.class ?? ""}`}>
      <h2>{props.title}</h2>
      {props.note && <p class="note">{props.note}</p>}
      {props.children}
    </section>
  );
}

/** A small table of facts. */
export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
