import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { type DefinitionNode, Kind, type OperationDefinitionNode, parse } from "graphql";
import { useEffect, useRef } from "react";

import type { Answer } from "../transport";
import { carried, session, transport } from "../workbench";
import { filledVariables, missing } from "./carried";
import type { Example } from "./library";

const UNTITLED = "<untitled>";

export interface ExampleRunner {
  ready: boolean;
  open: (example: Example) => void;
  run: (example: Example) => Promise<void>;
  runAll: (examples: readonly Example[]) => Promise<void>;
}

/** Puts examples into GraphiQL's tabs and runs them there, as if they had been typed. */
export function useExampleRunner(): ExampleRunner {
  const actions = useGraphiQLActions();
  const state = useGraphiQL(pick("queryEditor", "variableEditor", "tabs", "activeTabIndex"));
  // A sequence goes on after several renders; it needs the tabs as they are then.
  const latest = useRef(state);
  useEffect(() => {
    latest.current = state;
  }, [state]);

  function showTabFor(example: Example): void {
    const { tabs, activeTabIndex } = latest.current;
    const own = tabs.findIndex(({ title }) => title === example.name);
    if (own === activeTabIndex || tabs[activeTabIndex]?.title === UNTITLED) return;
    if (own >= 0) actions.changeTab(own);
    else actions.addTab();
    requestAnimationFrame(() => {
      document.querySelector(".graphiql-tab-active")?.scrollIntoView({ inline: "nearest" });
    });
  }

  function open(example: Example): void {
    const { queryEditor, variableEditor } = latest.current;
    const variables = filledVariables(example, carried.of(session.snapshot().caller));
    showTabFor(example);
    queryEditor?.setValue(example.operation);
    variableEditor?.setValue(variables);
    actions.updateActiveTabValues({
      query: example.operation,
      variables,
      operationName: example.name,
    });
    // The editor works these out only after a pause in typing; a run right now needs them.
    const documentAST = parse(example.operation);
    actions.setOperationFacts({
      documentAST,
      operationName: example.name,
      operations: documentAST.definitions.filter(isOperation),
    });
  }

  async function runOnce(example: Example): Promise<boolean> {
    if (!(await actAsRoleOf(example))) return false;
    open(example);
    if (missing(example, carried.of(session.snapshot().caller)).length > 0) return false;
    const answer = answerTo(example);
    actions.run();
    return succeeded(await answer);
  }

  return {
    ready: Boolean(state.queryEditor && state.variableEditor),
    open,
    async run(example) {
      await runOnce(example);
    },
    async runAll(examples) {
      for (const example of examples) {
        if (!(await runOnce(example))) return;
      }
    },
  };
}

/** Signs in with a demo account of the role the example needs, unless the caller has it. */
async function actAsRoleOf({ role }: Example): Promise<boolean> {
  const { caller, accounts } = session.snapshot();
  if (role === "anyone") return true;
  // What an account outside the demo may do is not known here; the server says.
  if (caller.kind === "account" && (caller.role ?? role) === role) return true;
  const account = accounts?.find(({ kind }) => kind === role);
  return account ? session.signIn(account) : true;
}

function isOperation(node: DefinitionNode): node is OperationDefinitionNode {
  return node.kind === Kind.OPERATION_DEFINITION;
}

function answerTo(example: Example): Promise<Answer> {
  return new Promise((resolve) => {
    const stop = transport.onAnswer((answer) => {
      if (answer.operationName !== example.name) return;
      stop();
      resolve(answer);
    });
  });
}

function succeeded({ result }: Answer): boolean {
  if (!result || result.errors?.length) return false;
  return Object.values(result.data ?? {}).every(
    (payload) => !(payload as { userErrors?: unknown[] } | null)?.userErrors?.length,
  );
}
