// What the program answers, as crates/agent/src/report and view have it.

/** An endpoint as lists have it (report/listed.rs). */
export interface Endpoint {
  id: string;
  service: string;
  named: boolean;
  method: string;
  path: string;
  requests: number;
  statuses: [number, number][];
  unanswered: number;
  query: number;
  calls?: string;
  protection: string;
  credentials: string[];
  labels: string[];
  findings: string[];
  first_seen: number;
  last_seen: number;
  state: string;
}

export interface Operation {
  protocol: string;
  kind: string;
  name: string;
  fields?: string[];
  requests: number;
  errors: number;
  first_seen: number;
  last_seen: number;
}

/** A Service (report/service.rs). */
export interface Service {
  service: string;
  mapped: boolean;
  requests: number;
  endpoints: number;
  confirmed: number;
  pushed: number;
  verified: number;
  waiting: number;
  set_aside: number;
  noise: number;
  unreadable: string;
  why: string;
}

/** What was not seen (report/unseen.rs). */
export interface Unseen {
  unreadable: {
    service: string;
    reasons: { label: string; connections: number; remedy: string }[];
    server_names: string[];
    protocols: string[];
    older?: string;
  }[];
  nameless: { server: string; requests: number; says: string }[];
  nameless_requests: number;
  ambiguous: { services: string[]; requests: number; says: string }[];
  unselected_pods: string[];
  accounts: { name: string; seen: number; ways: [string, number][]; balanced: boolean }[];
  notes: [string, number][];
  not_read: [string, number][];
  remarks: string[];
}

/** What an agent says of itself: `status --format json`. */
export interface Node {
  /** Its name, where there are several. */
  node?: string;
  version: string;
  uptime_seconds: number;
  errors: string[];
  capture: string;
  frames: number;
  kernel_drops: number;
  canary: string;
  connections: number;
  connection_memory_bytes: number;
  inventory_memory_bytes: number;
  queue: number;
  store: string;
  names: string;
  platform: string;
  key: string;
  mappings: { name: string; application: string; instance: string; source: string; state: string }[];
  outbox: { waiting: number; oldest_seconds: number | null; set_aside: number; superseded: number };
  set_aside: { service: string; endpoint: string; reason: string }[];
  last_errors: { seconds_ago: number; text: string }[];
  superseded: string[];
}

export interface Overview {
  version: string;
  now: number;
  trouble: string | null;
  left_out: number;
  kind: "agent" | "cluster" | "store" | "captures" | "";
  name: string;
  services: Service[];
  unseen: Unseen;
  nodes: Node[];
}

/** An answer of `api/state`. */
export interface Answer extends Overview {
  epoch: number;
  revision: number;
  more: boolean;
  endpoints: Endpoint[];
  gone: string[];
}

export interface Schema {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  "x-sensitive"?: string[];
}

export interface Finding {
  id: string;
  kind: string;
  severity: string;
  evidence: { what: string; count: number; statuses?: [number, number][]; names?: string[] }[];
}

/** An endpoint in full (report/endpoints.rs). */
export interface Row {
  service: string | null;
  server: string | null;
  method: string;
  path: string;
  requests: number;
  statuses: Record<string, number>;
  unanswered: number;
  query: string[];
  headers: string[];
  request_types: string[];
  response_types: string[];
  calls?: string;
  /** What its requests ask for beside the URL (report/operations.rs). */
  operations?: Operation[];
  operations_read_in?: number;
  operations_left_out?: number;
  shapes?: {
    parameters: { in: string; name: string; required: boolean; schema: Schema }[];
    request: Record<string, { samples: number; schema: Schema }>;
    responses: Record<string, Record<string, { samples: number; schema: Schema }>>;
  } | null;
  auth: {
    protection: string;
    seen: {
      credentials: string;
      requests: number;
      statuses: Record<string, number>;
      names: string[];
    }[];
    tokens?: {
      read: number;
      algorithms: string[];
      issuers: string[];
      audiences: string[];
      lifetime_seconds: [number, number] | null;
      endless: number;
    };
  };
  findings: Finding[];
  first_seen: number;
  last_seen: number;
  unseen_days?: number;
  state: string;
  reason: string;
  body_missing?: string;
  steps?: string[];
  example?: {
    path: [string, string][];
    query: [string, string][];
    headers: [string, string][];
    body?: { media: string; content: string; cut: boolean };
  };
}

export interface Explanation {
  endpoints: Row[];
  notes: string[];
}
