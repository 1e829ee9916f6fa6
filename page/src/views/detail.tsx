// One endpoint in full.

import { useEffect, useRef, useState } from "preact/hooks";
import { askEndpoint } from "../ask";
import { Facts, Labels, Method, Path, State, Statuses } from "../parts";
import { useKnown } from "../store";
import type { Finding, Row } from "../types";
import { ago, count, date, plural, span } from "../words";
import { Shape, kind } from "./shape";

/** The endpoint beside the list. It is asked for anew when something of it has changed. */
export function Detail({ id, close }: { id: string; close: () => void }) {
  const known = useKnown();
  const [row, setRow] = useState<Row | null>(null);
  const [lost, setLost] = useState("");
  const box = useRef<HTMLElement>(null);
  const listed = known.endpoints.get(id);
  useEffect(() => {
    const abort = new AbortController();
    askEndpoint(id, abort.signal).then(
      (found) => {
        setRow(found);
        setLost("");
      },
      (error: Error) => abort.signal.aborted || setLost(error.message),
    );
    return () => abort.abort();
  }, [id, listed]);
  useEffect(() => {
    setRow(null);
    // On a narrow screen it stands over the list.
    if (box.current && getComputedStyle(box.current).position === "fixed") box.current.focus();
  }, [id]);
  return (
    <aside class="detail card" aria-label="Endpoint" ref={box} tabIndex={-1}>
      <button type="button" class="close" aria-label="Close" title="Close (Esc)" onClick={close}>
        ×
      </button>
      {lost ? <p class="none">{lost}</p> : row ? <Endpoint row={row} now={known.overview.now} /> : <p class="none">Asking …</p>}
    </aside>
  );
}

const PROTECTION: Record<string, string> = {
  open: "Requests succeed without credentials.",
  protected: "Requests without credentials are refused.",
  optional: "Requests carry credentials, and succeed without as well.",
  used: "Requests carry credentials; none without was answered by 2xx, 401 or 403.",
  unknown: "Nothing is known yet.",
};

function Operations({ row, now }: { row: Row; now: number }) {
  const left = row.operations_left_out ?? 0;
  return (
    <Part title="Operations">
      <table>
        <thead>
          <tr>
            <th>Operation</th>
            <th>Requests</th>
            <th>Failed</th>
          </tr>
        </thead>
        <tbody>
          {row.operations?.map((one) => (
            <tr key={`${one.protocol} ${one.kind} ${one.name}`} title={`last seen ${ago(one.last_seen, now)}`}>
              <td>
                {one.name} <small>{`${one.protocol} ${one.kind}`}</small>
              </td>
              <td>{count(one.requests)}</td>
              <td>{one.errors ? count(one.errors) : "-"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        Read in {count(row.operations_read_in ?? 0)} of {plural(row.requests, "request")}
        {left > 0 && `; ${plural(left, "more call")} have no name here`}.
      </p>
    </Part>
  );
}

export function Endpoint({ row, now }: { row: Row; now: number }) {
  const pushes = useKnown().overview.kind !== "captures";
  const statuses = Object.entries(row.statuses).map(([status, times]) => [Number(status), times] as [number, number]);
  return (
    <article class="endpoint">
      <h2>
        <Method of={row.method} /> <Path of={row.path} />
      </h2>
      <p class="about">
        {row.service ?? row.server}
        {pushes && (
          <>
            {" "}
            · <State of={row.state} /> {row.reason}
          </>
        )}
      </p>
      <Facts
        of={[
          ["Requests", count(row.requests) + (row.unanswered ? `, ${count(row.unanswered)} without an answer` : "")],
          ["First seen", <span title={date(row.first_seen)}>{ago(row.first_seen, now)}</span>],
          [
            "Last seen",
            <span title={date(row.last_seen)}>
              {ago(row.last_seen, now)}
              {row.unseen_days !== undefined && `, ${plural(row.unseen_days, "day")} without a request: it may be gone`}
            </span>,
          ],
          ...(row.calls ? [["Calls", row.calls] as [string, string]] : []),
        ]}
      />
      {row.findings.length > 0 && (
        <Part title="Findings">
          {row.findings.map((finding) => (
            <OneFinding key={finding.id} of={finding} />
          ))}
        </Part>
      )}
      {statuses.length > 0 && (
        <Part title="Answers">
          <Answers of={statuses} types={row.response_types} />
        </Part>
      )}
      {row.operations && <Operations row={row} now={now} />}
      <Part title="Authentication">
        <p>{PROTECTION[row.auth.protection] ?? row.auth.protection}</p>
        {row.auth.seen.length > 0 && (
          <table>
            <thead>
              <tr>
                <th>Credentials</th>
                <th>Requests</th>
                <th>Answers</th>
              </tr>
            </thead>
            <tbody>
              {row.auth.seen.map((seen) => (
                <tr key={seen.credentials}>
                  <td>
                    {seen.credentials}
                    {seen.names.length > 0 && <small> {seen.names.join(", ")}</small>}
                  </td>
                  <td>{count(seen.requests)}</td>
                  <td>
                    <Statuses of={Object.entries(seen.statuses).map(([status, times]) => [Number(status), times])} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {row.auth.tokens && (
          <p>
            Tokens: {row.auth.tokens.algorithms.join(", ") || "-"}
            {row.auth.tokens.issuers.length > 0 && ` of ${row.auth.tokens.issuers.join(", ")}`}
            {row.auth.tokens.audiences.length > 0 && ` for ${row.auth.tokens.audiences.join(", ")}`}
            {row.auth.tokens.lifetime_seconds && `, valid for ${span(row.auth.tokens.lifetime_seconds[1])} at most`}
            {row.auth.tokens.endless > 0 && `, ${count(row.auth.tokens.endless)} without an end`}
          </p>
        )}
      </Part>
      <Parameters row={row} />
      {Object.entries(row.shapes?.request ?? {}).map(([media, body]) => (
        <Part key={media} title={`Request ${media}`}>
          <Shape of={body.schema} />
        </Part>
      ))}
      {Object.entries(row.shapes?.responses ?? {}).flatMap(([status, types]) =>
        Object.entries(types).map(([media, body]) => (
          <Part key={status + media} title={`Response ${status} ${media}`}>
            <Shape of={body.schema} />
          </Part>
        )),
      )}
      {row.example && <Example row={row} />}
      {row.body_missing && <p class="note">Its body example is missing: {row.body_missing}; the next one is taken.</p>}
      {row.steps && row.steps.length > 0 && (
        <Part title="Why this name">
          <ol class="steps">
            {row.steps.map((step, place) => (
              <li key={place}>{step}</li>
            ))}
          </ol>
        </Part>
      )}
    </article>
  );
}

function Part({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function OneFinding({ of }: { of: Finding }) {
  const names = (list?: string[]) => (list?.length ? ` in ${list.join(", ")}` : "");
  return (
    <div class="finding">
      <p>
        <span class={`severity ${of.severity}`}>{of.severity}</span> <strong>{of.kind.replaceAll("-", " ")}</strong>
      </p>
      <ul>
        {of.evidence.map((one) => (
          <li key={one.what}>
            {count(one.count)} {one.what}
            {names(one.names)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Answers({ of, types }: { of: [number, number][]; types: string[] }) {
  const most = Math.max(...of.map(([, times]) => times));
  return (
    <>
      <ul class="bars">
        {of.map(([status, times]) => (
          <li key={status}>
            <span class={`status s${Math.floor(status / 100)}`}>{status}</span>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect width={(100 * times) / most} height="6" class={`s${Math.floor(status / 100)}`} />
            </svg>
            <span class="number">{count(times)}</span>
          </li>
        ))}
      </ul>
      {types.length > 0 && <p class="note">{types.join(", ")}</p>}
    </>
  );
}

function Parameters({ row }: { row: Row }) {
  const shaped = row.shapes?.parameters ?? [];
  const names = new Set(shaped.map((one) => `${one.in} ${one.name}`));
  const bare = [
    ...row.query.map((name) => ({ in: "query", name })),
    ...row.headers.map((name) => ({ in: "header", name })),
  ].filter((one) => !names.has(`${one.in} ${one.name}`));
  if (!shaped.length && !bare.length) return null;
  return (
    <Part title="Parameters">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>In</th>
            <th>Kind</th>
          </tr>
        </thead>
        <tbody>
          {shaped.map((one) => (
            <tr key={one.in + one.name}>
              <td>
                <code>{one.name}</code>
                {!one.required && <small> optional</small>}
              </td>
              <td>{one.in}</td>
              <td>
                {kind(one.schema)} <Labels of={one.schema["x-sensitive"] ?? []} />
              </td>
            </tr>
          ))}
          {bare.map((one) => (
            <tr key={one.in + one.name}>
              <td>
                <code>{one.name}</code>
              </td>
              <td>{one.in}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

/** One request as it was made, with surrogates in the place of what is sensitive. */
function Example({ row }: { row: Row }) {
  const example = row.example;
  if (!example) return null;
  let path = row.path;
  for (const [name, value] of example.path) path = path.replace(`{${name}}`, () => value);
  const query = example.query.map(([name, value]) => `${name}=${value}`).join("&");
  const lines = [
    `${row.method} ${path}${query && `?${query}`}`,
    ...example.headers.map(([name, value]) => `${name}: ${value}`),
    ...(example.body ? ["", example.body.content.trimEnd(), ...(example.body.cut ? ["…"] : [])] : []),
  ];
  return (
    <Part title="Example, redacted">
      <pre tabIndex={0}>{lines.join("\n")}</pre>
    </Part>
  );
}
