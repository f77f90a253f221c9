/** The prepared operations: the .graphql files of ../../examples, in the order of their names. */

import { type OperationDefinitionNode, parse } from "graphql";

import type { AccountKind } from "../session";

export type ExampleRole = "anyone" | AccountKind;

/** What the leading comment of an example file says, as one JSON object. */
interface FrontMatter {
  title: string;
  group: string;
  role: ExampleRole;
  about: string;
  /** Its place in a sequence whose later steps use ids of the earlier ones. */
  step?: number;
  variables?: Record<string, unknown>;
  /** Name of a value for later steps → path in this operation's data. */
  carry?: Record<string, string>;
}

export interface Example extends FrontMatter {
  name: string;
  operation: string;
}

export interface ExampleGroup {
  title: string;
  role: ExampleRole;
  examples: Example[];
}

const files = import.meta.glob<string>("../../examples/*.graphql", {
  eager: true,
  import: "default",
  query: "?raw",
});

function read(text: string): Example {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  const comment = lines.slice(0, end).map((line) => line.slice(1));
  const frontMatter = JSON.parse(comment.join("\n")) as FrontMatter;
  const operation = lines.slice(end).join("\n").trim();
  const [definition] = parse(operation).definitions as [OperationDefinitionNode];
  return { ...frontMatter, name: definition.name!.value, operation };
}

export const EXAMPLES: readonly Example[] = Object.keys(files)
  .sort()
  .map((path) => read(files[path]!));

export const EXAMPLE_GROUPS: readonly ExampleGroup[] = grouped(EXAMPLES);

function grouped(examples: readonly Example[]): ExampleGroup[] {
  const groups = new Map<string, ExampleGroup>();
  for (const example of examples) {
    const { group: title, role } = example;
    const group = groups.get(title) ?? { title, role, examples: [] };
    group.examples.push(example);
    groups.set(title, group);
  }
  return [...groups.values()];
}
