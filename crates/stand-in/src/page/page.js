"use strict";

// The page follows /control/state, which tells what changed since a revision. Text that was captured comes escaped
// from the server, and goes into the page by textContent only.

const POLL = 1000; // milliseconds
const FRESH = 8000; // milliseconds that a new endpoint stays marked
const ROWS = 400; // endpoints shown of one instance, the newest

const byId = (id) => document.getElementById(id);
const instances = new Map(); // "application/instance", by place -> its rows (a Map by endpoint number) and elements
let known = { epoch: -1, since: 0 };
let first = true;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function setText(id, value) {
  const node = typeof id === "string" ? byId(id) : id;
  if (node.textContent !== String(value)) node.textContent = value;
}

const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

// ---- applications and instances ----

function showApplications(applications) {
  let total = 0;
  applications.forEach((app, place) => {
    let card = byId(`app-${place}`);
    if (!card) {
      card = element("section");
      card.id = `app-${place}`;
      const title = element("div", "title");
      title.append(element("h2", "text", app.name), element("code", "text", app.id), element("span", "count"));
      card.append(title, element("p", "empty no-instance", "No instance yet."));
      byId("applications").append(card);
    }
    let endpoints = 0;
    app.instances.forEach((instance, number) => {
      showInstance(card, `${place}/${number}`, instance);
      endpoints += instance.endpoints;
    });
    card.querySelector(".no-instance").hidden = app.instances.length > 0;
    setText(card.querySelector(".title .count"), plural(endpoints, "endpoint"));
    total += endpoints;
  });
  byId("none").hidden = applications.length > 0;
  setText("total-applications", applications.length.toLocaleString("en"));
  setText("total-endpoints", total.toLocaleString("en"));
  document.title = total ? `(${total}) Stand-in platform` : "Stand-in platform";
}

function showInstance(card, key, instance) {
  let shown = instances.get(key);
  if (!shown) {
    const head = element("div", "instance");
    const count = element("span", "count");
    head.append(element("h3", "text", instance.name), element("code", "text", instance.id), count);
    const empty = element("p", "empty", "No endpoint yet.");
    const list = element("div");
    const hidden = element("p", "empty");
    hidden.hidden = true;
    card.append(head, empty, list, hidden);
    shown = { rows: new Map(), list, empty, count, hidden };
    instances.set(key, shown);
  }
  shown.total = instance.endpoints;
  shown.empty.hidden = instance.endpoints > 0;
  setText(shown.count, plural(instance.endpoints, "endpoint"));
}

// ---- endpoints ----

function showEndpoint(endpoint) {
  const shown = instances.get(endpoint.instance);
  if (!shown) return;
  const row = endpointRow(endpoint);
  const old = shown.rows.get(endpoint.number);
  if (old) {
    row.querySelector("details").open = old.querySelector("details").open;
    old.replaceWith(row);
  } else {
    shown.list.prepend(row);
  }
  shown.rows.set(endpoint.number, row);
  if (shown.rows.size > ROWS) {
    const [oldest, last] = shown.rows.entries().next().value;
    last.remove();
    shown.rows.delete(oldest);
  }
  if (!first) {
    row.classList.add("fresh");
    setTimeout(() => row.classList.remove("fresh"), FRESH);
  }
}

function endpointRow(endpoint) {
  const summary = element("summary");
  const method = element("span", "method", endpoint.method);
  if (/^[A-Z]+$/.test(endpoint.method)) method.classList.add(endpoint.method);
  const added = new Date(endpoint.added);
  const time = element("time", "", added.toLocaleTimeString("en-GB"));
  time.dateTime = added.toISOString();
  summary.append(method, pathOf(endpoint.path), chipsOf(endpoint), time);

  const more = element("div", "more");
  addTable(more, "Path variables", endpoint.pathParams);
  addTable(more, "Query parameters", endpoint.queryParams);
  addTable(more, "Headers", endpoint.headers);
  if (endpoint.body) {
    const part = element("div");
    const type = endpoint.body.type || "as added";
    part.append(element("h4", "text", `Body example, ${type}`), element("pre", "text", pretty(endpoint.body.content)));
    more.append(part);
  }
  const commits = endpoint.commits ? plural(endpoint.commits, "commit") : "no details committed yet";
  more.append(element("p", "count", `arrived ${added.toLocaleString("en-GB")}, ${commits}`));

  const details = element("details");
  details.append(summary, more);
  const row = element("article", "endpoint");
  row.append(details);
  return row;
}

function pathOf(path) {
  const shown = element("span", "path");
  path.split("/").forEach((segment, place) => {
    if (place) shown.append("/");
    shown.append(/^\{.+\}$/.test(segment) ? element("b", "", segment) : segment);
  });
  return shown;
}

function chipsOf(endpoint) {
  const chips = element("span", "chips");
  const add = (count, word) => count && chips.append(element("span", "", word));
  add(endpoint.queryParams.length, `${endpoint.queryParams.length} query`);
  add(endpoint.headers.length, plural(endpoint.headers.length, "header"));
  add(endpoint.body, "body");
  return chips;
}

function addTable(into, title, pairs) {
  if (!pairs.length) return;
  const table = element("table");
  for (const [name, value] of pairs) {
    const line = table.insertRow();
    line.append(element("th", "text", name), element("td", "text", value));
  }
  const part = element("div");
  part.append(element("h4", "", title), table);
  into.append(part);
}

function pretty(content) {
  const bare = (text) => text.replace(/\s/g, "");
  try {
    const value = JSON.parse(content);
    // Only where nothing but white space changes: numbers and double keys may not survive the reading.
    if (bare(JSON.stringify(value)) === bare(content)) return JSON.stringify(value, null, 2);
  } catch {
    // Not JSON, or cut.
  }
  return content;
}

// ---- the side ----

function fill(id, items, empty) {
  const list = byId(id);
  const text = JSON.stringify(items);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  list.replaceChildren();
  if (!items.length) list.append(element("li", "empty", empty));
  for (const [title, what] of items) {
    const line = element("li", "text");
    line.append(element("b", "", title), element("span", "", what));
    list.append(line);
  }
}

function showSide(state) {
  const calls = Object.entries(state.calls);
  setText("total-calls", calls.reduce((sum, [, count]) => sum + count, 0).toLocaleString("en"));
  const list = byId("calls");
  list.replaceChildren();
  if (!calls.length) list.append(element("div", "count", "None yet."));
  for (const [call, count] of calls) {
    const line = element("div");
    line.append(element("dt", "", call), element("dd", "", count.toLocaleString("en")));
    list.append(line);
  }
  const faults = state.faults.map(({ call, ...rest }) => {
    const { action, ...options } = rest;
    const shown = Object.entries(options).filter(([, value]) => value !== null && value !== 0 && value !== false);
    return [action, ` on ${call}${shown.map(([name, value]) => `, ${name} ${value}`).join("")}`];
  });
  fill("faults", faults, "None: the platform behaves.");
  const violations = state.violations.newest.map((v) => [`request ${v.number}, ${v.call}`, v.what]);
  fill("violations", violations, "None: every request keeps to the contract.");
  setText("total-violations", state.violations.count.toLocaleString("en"));
  byId("violations-total").classList.toggle("some", state.violations.count > 0);
}

// ---- following ----

function connection(className, text) {
  byId("connection").className = className;
  setText("connection", text);
}

async function follow() {
  let wait = POLL;
  try {
    const answer = await fetch(`/control/state?epoch=${known.epoch}&since=${known.since}`);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const state = await answer.json();
    if (state.epoch !== known.epoch) {
      instances.clear();
      for (const card of document.querySelectorAll("main > section")) card.remove();
      first = true;
    }
    showApplications(state.applications);
    state.endpoints.forEach(showEndpoint);
    for (const { hidden, total, rows } of instances.values()) {
      hidden.hidden = total <= rows.size;
      if (!hidden.hidden) setText(hidden, `… and ${(total - rows.size).toLocaleString("en")} older ones.`);
    }
    showSide(state);
    known = { epoch: state.epoch, since: state.revision };
    if (state.more) wait = 0;
    else first = false;
    connection("live", `live at ${location.host}`);
  } catch (error) {
    connection("lost", `lost the platform, trying again (${error.message})`);
  }
  setTimeout(follow, wait);
}

follow();
