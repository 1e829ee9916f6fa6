// Why something is, or is not, there: a path, a URL, a Service, an address.

import { useEffect, useState } from "preact/hooks";
import { askExplain } from "../ask";
import { type Route, set } from "../route";
import { useKnown } from "../store";
import type { Explanation } from "../types";
import { plural } from "../words";
import { Endpoint } from "./detail";

const SHOWN = 20; // endpoints in full

export function ExplainView({ route }: { route: Route }) {
  const { overview } = useKnown();
  const subject = route.parameters.get("subject") ?? "";
  const [typed, setTyped] = useState(subject);
  const [answer, setAnswer] = useState<Explanation | null>(null);
  const [lost, setLost] = useState("");
  useEffect(() => {
    setTyped(subject);
    setAnswer(null);
    setLost("");
    if (!subject) return;
    const abort = new AbortController();
    askExplain(subject, abort.signal).then(setAnswer, (error: Error) => abort.signal.aborted || setLost(error.message));
    return () => abort.abort();
  }, [subject]);
  return (
    <>
      <h1>Explain</h1>
      <form
        class="ask"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          set(route, { subject: typed.trim() });
        }}
      >
        <label for="subject">A path, a URL, a Service or an address</label>
        <div>
          <input
            id="subject"
            type="text"
            value={typed}
            placeholder="GET /api/v1/users/7"
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
          <button type="submit">Explain</button>
        </div>
      </form>
      <div role="status">
        {lost && <p class="card none">{lost}</p>}
        {answer?.notes.map((note) => (
          <p key={note} class="card warn">
            {note}
          </p>
        ))}
        {answer && (
          <p class="note">
            {answer.endpoints.length
              ? plural(answer.endpoints.length, "endpoint")
              : "No endpoint like this was seen. Was there a request since the monitor started, to a Service that it knows?"}
          </p>
        )}
      </div>
      {answer?.endpoints.slice(0, SHOWN).map((row) => (
        <div class="card" key={`${row.service ?? row.server} ${row.method} ${row.path}`}>
          <Endpoint row={row} now={overview.now} />
        </div>
      ))}
      {answer && answer.endpoints.length > SHOWN && (
        <p class="note">and {plural(answer.endpoints.length - SHOWN, "other")}: a longer path means fewer</p>
      )}
    </>
  );
}
