// What agents say of themselves.

import { Facts, Section } from "../parts";
import { useKnown } from "../store";
import type { Node } from "../types";
import { bytes, count, plural, span } from "../words";

export function NodesView() {
  const { overview } = useKnown();
  return (
    <>
      <h1>Nodes</h1>
      {!overview.nodes.length && (
        <p class="card none">
          {overview.kind === "captures"
            ? "These are captures: no agent was asked."
            : "No agent runs here: this is what its store has."}
        </p>
      )}
      {overview.nodes.map((node, place) => (
        <OneNode key={node.node ?? place} of={node} />
      ))}
    </>
  );
}

function OneNode({ of }: { of: Node }) {
  const { waiting, oldest_seconds: oldest, set_aside: aside, superseded } = of.outbox;
  return (
    <>
      {of.errors.length > 0 && (
        <Section title={of.node ? `Errors of ${of.node}` : "Errors"} class="bad">
          <ul class="plain">
            {of.errors.map((error) => (
              <li key={error}>{error}</li>
            ))}
          </ul>
        </Section>
      )}
      <div class="columns even">
        <Section title={of.node ?? "This node"}>
          <Facts
            of={[
              ["Capture", of.capture],
              ["Frames", `${count(of.frames)}, ${count(of.kernel_drops)} dropped by the kernel`],
              ["Canary", of.canary],
              ["Connections", `${count(of.connections)}, ${bytes(of.connection_memory_bytes)}`],
              ["Endpoints", bytes(of.inventory_memory_bytes)],
              ["Queue", `${count(of.queue)} waiting`],
              ["Store", of.store],
              ["Names", of.names],
              ["Up", `${span(of.uptime_seconds)}, version ${of.version}`],
            ]}
          />
        </Section>
        <Section title="Platform">
          <Facts
            of={[
              ["Calls", of.platform],
              ["Key", of.key],
              [
                "Outbox",
                `${count(waiting)} waiting${oldest === null ? "" : `, the oldest for ${span(oldest)}`}, ${count(aside)} set aside, ${count(superseded)} superseded`,
              ],
              ...of.last_errors.map((error, place): [string, string] => [
                place ? "" : "Last errors",
                `${span(error.seconds_ago)} ago: ${error.text}`,
              ]),
            ]}
          />
        </Section>
      </div>
      {of.mappings.length > 0 && (
        <Section title="Mappings">
          <div class="scroll" tabIndex={0} role="region" aria-label="Mappings">
            <table>
              <thead>
                <tr>
                  <th>Service</th>
                  <th>Application</th>
                  <th>Instance</th>
                  <th>From</th>
                  <th>State</th>
                </tr>
              </thead>
              <tbody>
                {of.mappings.map((line) => (
                  <tr key={line.source + line.name}>
                    <td>{line.name}</td>
                    <td>{line.application}</td>
                    <td>{line.instance}</td>
                    <td>{line.source}</td>
                    <td>{line.state}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Section>
      )}
      {of.set_aside.length > 0 && (
        <Section title="Set aside" note="The platform could not take these. `traffic-monitor retry` tries them again.">
          <ul class="plain">
            {of.set_aside.map((line) => (
              <li key={line.service + line.endpoint}>
                <code>{line.endpoint}</code> of {line.service}: {line.reason}
              </li>
            ))}
          </ul>
          {aside > of.set_aside.length && <p class="note">and {plural(aside - of.set_aside.length, "other")}</p>}
        </Section>
      )}
    </>
  );
}
