// A schema as people read it: a line for each value, with its kind.

import { Labels } from "../parts";
import type { Schema } from "../types";

const DEPTH = 8;
const LINES = 400;

/** The kind of a value in a word or two: `integer`, `string (email)`, `"paid" | "open"`. */
export function kind(schema: Schema): string {
  const types = Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : [];
  const words = types.map((type) => {
    if (type === "string" && schema.enum?.length)
      return schema.enum.filter((value) => typeof value === "string").map((value) => `"${value}"`).join(" | ");
    if (type === "string" && schema.format) return `string (${schema.format})`;
    if (type === "array" && schema.items) return `list of ${kind(schema.items)}`;
    return type;
  });
  return words.join(" | ") || "anything";
}

interface Line {
  name: string;
  level: number;
  optional: boolean;
  schema: Schema;
}

function walk(schema: Schema, level: number, lines: Line[]): void {
  if (level > DEPTH || lines.length >= LINES) return;
  const inside = schema.items && !schema.properties ? schema.items : schema;
  if (inside !== schema && !inside.properties && inside.items) return walk(inside, level, lines);
  for (const [name, one] of Object.entries(inside.properties ?? {})) {
    if (lines.length >= LINES) return;
    lines.push({ name, level, optional: !inside.required?.includes(name), schema: one });
    walk(one, level + 1, lines);
  }
  if (typeof inside.additionalProperties === "object") {
    lines.push({ name: "any name", level, optional: true, schema: inside.additionalProperties });
    walk(inside.additionalProperties, level + 1, lines);
  }
}

export function Shape({ of }: { of: Schema }) {
  const lines: Line[] = [];
  walk(of, 0, lines);
  return (
    <div class="shape">
      <p>
        {kind(of)} <Labels of={of["x-sensitive"] ?? []} />
      </p>
      {lines.map((line, place) => (
        <p key={place} style={{ paddingInlineStart: `${14 + line.level * 16}px` }}>
          <code>{line.name}</code>
          {line.optional && <small> optional</small>} <span class="kind">{kind(line.schema)}</span>{" "}
          <Labels of={line.schema["x-sensitive"] ?? []} />
        </p>
      ))}
      {lines.length >= LINES && <p class="note">and more: the document has all of it</p>}
    </div>
  );
}
