// The page: its frame, and which view is in it.

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./page.css";
import { go, to, useRoute } from "./route";
import { begin, useKnown } from "./store";
import { EndpointsView } from "./views/endpoints";
import { ExplainView } from "./views/explain";
import { NodesView } from "./views/nodes";
import { OverviewView } from "./views/overview";
import { UnseenView } from "./views/unseen";

const VIEWS: [string, string][] = [
  ["", "Overview"],
  ["endpoints", "Endpoints"],
  ["unseen", "What is not seen"],
  ["explain", "Explain"],
  ["nodes", "Nodes"],
];

function Page() {
  const route = useRoute();
  const known = useKnown();
  const { overview, lost } = known;
  const search = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLElement>(null);
  const searched = route.view === "endpoints" ? (route.parameters.get("q") ?? "") : "";
  const [typed, setTyped] = useState(searched);
  useEffect(() => setTyped(searched), [searched]);
  const name = route.view === "service" ? route.of : (VIEWS.find(([view]) => view === route.view)?.[1] ?? "Overview");

  useEffect(() => {
    document.title = `${name} · Traffic Monitor`;
  }, [name]);
  useEffect(() => scrollTo(0, 0), [route.view, route.of]);
  // A slash leads to the search, as everywhere.
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        search.current?.focus();
      }
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);

  const trouble = lost ? `The program does not answer any more (${lost}). This is what was known last.` : overview.trouble;
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        To the content
      </a>
      <header class="top">
        <a class="brand" href={to("")}>
          <img src="./icon.svg" alt="" width="24" height="24" /> Traffic Monitor
        </a>
        <nav aria-label="Views">
          {VIEWS.map(([view, title]) => (
            <a
              key={view}
              href={to(view)}
              aria-current={route.view === view || (view === "endpoints" && route.view === "service") ? "page" : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        <form
          class="search"
          role="search"
          aria-label="Everything"
          onSubmit={(event) => {
            event.preventDefault();
            go(to("endpoints", "", typed ? { q: typed } : {}));
          }}
        >
          <input
            ref={search}
            type="search"
            aria-label="Search all endpoints"
            placeholder="Search all endpoints  /"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </form>
        <p class={`live ${trouble ? "lost" : overview.kind}`} title={overview.name}>
          <span class="dot" aria-hidden="true" />
          <span>{trouble ? "not answered" : overview.kind === "agent" ? "live" : overview.kind || "asking"}</span>
        </p>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {trouble && (
          <p class="card bad" role="alert">
            {trouble}
          </p>
        )}
        {known.change === 0 ? (
          <p class="none">Asking …</p>
        ) : route.view === "endpoints" || route.view === "service" ? (
          <EndpointsView route={route} />
        ) : route.view === "unseen" ? (
          <UnseenView />
        ) : route.view === "explain" ? (
          <ExplainView route={route} />
        ) : route.view === "nodes" ? (
          <NodesView />
        ) : (
          <OverviewView />
        )}
      </main>
      <footer>
        {overview.kind && (
          <>
            {overview.kind === "agent" ? "the agent of" : overview.kind === "store" ? "the store in" : "read from"}{" "}
            {overview.name} · version {overview.version} · redacted · this page asks nobody else
          </>
        )}
      </footer>
    </>
  );
}

const root = document.getElementById("page");
if (root) render(<Page />, root);
begin();
