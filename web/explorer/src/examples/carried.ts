/** Values that one example's result hands to the variables of later ones. */

import type { Caller } from "../session";
import type { Example } from "./library";

type Value = string | number;
export type Values = Readonly<Record<string, Value>>;

const STORAGE_KEY = "marketfront.carried";
const PLACEHOLDER = /\{\{(\w+)\}\}/g;
const WHOLE_STRING = /"\{\{(\w+)\}\}"/g;

const NOTHING: Values = {};

/** The values of one caller. A visitor who becomes a guest stays the same person. */
export class CarriedValues {
  #byPerson: Record<string, Values>;
  #listeners = new Set<() => void>();

  constructor() {
    this.#byPerson = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  of(caller: Caller): Values {
    return this.#byPerson[person(caller)] ?? NOTHING;
  }

  keep(caller: Caller, example: Example, data: unknown): void {
    const values: Record<string, Value> = { ...this.of(caller) };
    for (const [name, path] of Object.entries(example.carry ?? {})) {
      const value = at(data, path);
      if (typeof value === "string" || typeof value === "number") values[name] = value;
      else delete values[name];
    }
    this.#byPerson = { ...this.#byPerson, [person(caller)]: values };
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(this.#byPerson));
    for (const listener of this.#listeners) listener();
  }
}

export function missing(example: Example, values: Values): string[] {
  const names = JSON.stringify(example.variables ?? {}).matchAll(PLACEHOLDER);
  const known = { ...values, ...alwaysKnown() };
  return [...new Set(Array.from(names, ([, name]) => name!))].filter((name) => !(name in known));
}

/** The variables as the editor shows them; a value not known yet stays a visible placeholder. */
export function filledVariables(example: Example, values: Values): string {
  if (!example.variables) return "";
  const known: Values = { ...values, ...alwaysKnown() };
  return JSON.stringify(example.variables, null, 2)
    .replace(WHOLE_STRING, (text, name: string) => JSON.stringify(known[name]) ?? text)
    .replace(PLACEHOLDER, (text, name: string) => `${known[name] ?? text}`);
}

/** Known without an earlier step: a text that is another one at each use, and the time. */
function alwaysKnown(): Values {
  return { unique: crypto.randomUUID().slice(0, 13), now: new Date().toISOString() };
}

function person(caller: Caller): string {
  return caller.kind === "account" ? caller.email : "visitor";
}

function at(data: unknown, path: string): unknown {
  let value = data;
  for (const key of path.split(".")) {
    value = (value as Record<string, unknown> | null | undefined)?.[key];
  }
  return value;
}
