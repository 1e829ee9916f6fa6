// The questions that the page asks of the program that serves it. Nothing else is ever asked.

import type { Answer, Explanation, Row } from "./types";

async function ask<T>(what: string, parameters: Record<string, string>, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(`api/${what}?${new URLSearchParams(parameters)}`, signal ? { signal } : {});
  if (!answer.ok) {
    throw new Error((await answer.text()).trim() || `status ${answer.status}`);
  }
  return answer.json() as Promise<T>;
}

export const askState = (epoch: number, since: number) =>
  ask<Answer>("state", { epoch: String(epoch), since: String(since) });

export const askEndpoint = (id: string, signal: AbortSignal) => ask<Row>("endpoint", { id }, signal);

export const askExplain = (subject: string, signal: AbortSignal) =>
  ask<Explanation>("explain", { subject }, signal);

/** The address of a Service's document. */
export const documentOf = (service: string, form: "yaml" | "json") =>
  `api/openapi?${new URLSearchParams({ service, form })}`;
