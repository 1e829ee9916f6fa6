// What was not seen, with the reason and what can be done.

import { useMemo } from "preact/hooks";
import { Section } from "../parts";
import { to } from "../route";
import { useKnown } from "../store";
import { count, plural } from "../words";

const SERVERS = 200; // servers that are listed

export function UnseenView() {
  const { overview, endpoints, change } = useKnown();
  const { unseen, kind } = overview;
  const byAddress = useMemo(
    () => new Set([...endpoints.values()].filter((one) => !one.named).map((one) => one.service)).size,
    [change],
  );
  const nothing =
    !unseen.unreadable.length && !unseen.nameless_requests && !unseen.ambiguous.length && !unseen.unselected_pods.length;
  return (
    <>
      <h1>What is not seen</h1>
      {unseen.remarks.map((remark) => (
        <p key={remark} class="card warn">
          {remark}
        </p>
      ))}
      {nothing && !unseen.remarks.length && <p class="card none">No connection was seen that cannot be read.</p>}
      {byAddress > 0 && (
        <p class="card warn">
          {plural(byAddress, "server")} {byAddress === 1 ? "is" : "are"} listed by address: no name is known.
          {kind === "captures" && " `--services FILE` gives names."}
        </p>
      )}
      {unseen.unreadable.length > 0 && (
        <Section title="Connections that cannot be read" note="The Services were asked, and what was asked is not known.">
          <table>
            <thead>
              <tr>
                <th>Service</th>
                <th>Connections</th>
                <th>Why, and what to do</th>
              </tr>
            </thead>
            <tbody>
              {unseen.unreadable.flatMap((line) => [
                ...line.reasons.map((reason) => (
                  <tr key={line.service + reason.label}>
                    <td>
                      <a href={to("service", line.service)}>{line.service}</a>
                    </td>
                    <td class="number">{count(reason.connections)}</td>
                    <td>
                      {reason.label}
                      {reason.label === "tls" && line.server_names.length > 0 && (
                        <small>
                          {" "}
                          for {line.server_names.join(", ")}
                          {line.protocols.length > 0 && ` (${line.protocols.join(", ")})`}
                        </small>
                      )}
                      <p class="note">{reason.remedy}</p>
                    </td>
                  </tr>
                )),
                line.older && (
                  <tr key={`${line.service} older`}>
                    <td>
                      <a href={to("service", line.service)}>{line.service}</a>
                    </td>
                    <td />
                    <td>{line.older}</td>
                  </tr>
                ),
              ])}
            </tbody>
          </table>
        </Section>
      )}
      {unseen.nameless_requests > 0 && (
        <Section
          title="Servers without a name"
          note={`${plural(unseen.nameless_requests, "request")} went to servers that belong to no known Service${kind === "captures" ? "; their endpoints are listed by address" : ": their endpoints are not kept"}.`}
        >
          <table>
            <thead>
              <tr>
                <th>Server</th>
                <th>Requests</th>
                <th>What it is</th>
              </tr>
            </thead>
            <tbody>
              {unseen.nameless.slice(0, SERVERS).map((line) => (
                <tr key={line.server}>
                  <td>{line.server}</td>
                  <td class="number">{count(line.requests)}</td>
                  <td>{line.says}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {unseen.nameless.length > SERVERS && <p class="note">and {plural(unseen.nameless.length - SERVERS, "other")}</p>}
        </Section>
      )}
      {unseen.ambiguous.length > 0 && (
        <Section title="Services that nothing tells apart">
          <ul class="plain">
            {unseen.ambiguous.map((line) => (
              <li key={line.services.join()}>
                {plural(line.requests, "request")}: {line.says}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {unseen.unselected_pods.length > 0 && (
        <Section title="Pods that no Service selects" note="Their endpoints have no name, and are not kept.">
          <ul class="plain names">
            {unseen.unselected_pods.map((pod) => (
              <li key={pod}>{pod}</li>
            ))}
          </ul>
        </Section>
      )}
      {unseen.accounts.length > 0 && (
        <Section title="Accounts" note="What was seen is the sum of the ways that it went. Nothing is lost without a word.">
          <div class="accounts">
            {unseen.accounts.map((account) => (
              <div key={account.name} class="account">
                <h3>
                  {account.name.replaceAll("_", " ")} <span class="number">{count(account.seen)}</span>
                  {!account.balanced && <span class="bad"> does not add up</span>}
                </h3>
                <ul class="bars">
                  {account.ways.map(([way, times]) => (
                    <li key={way}>
                      <span>{way.replaceAll("_", " ")}</span>
                      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                        <rect width={account.seen ? (100 * times) / account.seen : 0} height="6" />
                      </svg>
                      <span class="number">{count(times)}</span>
                    </li>
                  ))}
                </ul>
              </div>
            ))}
          </div>
          {unseen.notes.length > 0 && (
            <p class="note">Also: {unseen.notes.map(([what, times]) => `${what.replaceAll("_", " ")} ${count(times)}`).join(", ")}.</p>
          )}
          {unseen.not_read.length > 0 && (
            <p class="note">Not read: {unseen.not_read.map(([what, times]) => `${count(times)} ${what}`).join(", ")}.</p>
          )}
        </Section>
      )}
    </>
  );
}
