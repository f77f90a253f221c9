import { type GraphiQLPlugin, PlayIcon, useGraphiQLActions } from "@graphiql/react";
import { useState } from "react";

import { useCarried } from "../workbench";
import { missing, type Values } from "./carried";
import { EXAMPLE_GROUPS, type Example, type ExampleGroup, type ExampleRole } from "./library";
import { useExampleRunner } from "./useExampleRunner";

const ROLE_NAMES: Record<ExampleRole, string> = {
  anyone: "Anyone",
  shopper: "Shopper",
  merchant: "Merchant",
  platform: "Platform operator",
};

/** Below this width the panel lies over the editors, so that a choice has to close it. */
const NARROW = "(max-width: 720px)";

export const EXAMPLES_PLUGIN: GraphiQLPlugin = {
  title: "Examples",
  icon: ExamplesIcon,
  content: ExamplesPanel,
};

function ExamplesPanel() {
  const runner = useExampleRunner();
  const values = useCarried();
  const { setVisiblePlugin } = useGraphiQLActions();
  const [running, setRunning] = useState(false);

  async function whileRunning(work: () => Promise<void>): Promise<void> {
    setRunning(true);
    try {
      await work();
    } finally {
      setRunning(false);
      if (matchMedia(NARROW).matches) setVisiblePlugin(null);
    }
  }

  const disabled = !runner.ready || running;
  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      <p className="examples-intro">
        Each one runs as it stands against the demo data. Steps hand their ids on to the next ones.
      </p>
      {EXAMPLE_GROUPS.map((group) => (
        <ExampleGroupSection
          key={group.title}
          group={group}
          values={values}
          disabled={disabled}
          onOpen={(example) => {
            runner.open(example);
            if (matchMedia(NARROW).matches) setVisiblePlugin(null);
          }}
          onRun={(example) => void whileRunning(() => runner.run(example))}
          onRunAll={() => void whileRunning(() => runner.runAll(group.examples))}
        />
      ))}
    </section>
  );
}

interface GroupProps {
  group: ExampleGroup;
  values: Values;
  disabled: boolean;
  onOpen: (example: Example) => void;
  onRun: (example: Example) => void;
  onRunAll: () => void;
}

function ExampleGroupSection({ group, values, disabled, onOpen, onRun, onRunAll }: GroupProps) {
  const isSequence = group.examples.some(({ step }) => step !== undefined);
  return (
    <section className="example-group">
      <header>
        <h3>{group.title}</h3>
        <span className={`role role-${group.role}`}>{ROLE_NAMES[group.role]}</span>
        {isSequence && (
          <button
            type="button"
            className="run-all"
            disabled={disabled}
            onClick={onRunAll}
            aria-label={`Run all steps of “${group.title}”`}
          >
            Run all
          </button>
        )}
      </header>
      <ol>
        {group.examples.map((example) => (
          <ExampleRow
            key={example.name}
            example={example}
            lacks={missing(example, values)}
            disabled={disabled}
            onOpen={() => onOpen(example)}
            onRun={() => onRun(example)}
          />
        ))}
      </ol>
    </section>
  );
}

interface RowProps {
  example: Example;
  lacks: string[];
  disabled: boolean;
  onOpen: () => void;
  onRun: () => void;
}

function ExampleRow({ example, lacks, disabled, onOpen, onRun }: RowProps) {
  const waits = lacks.length > 0;
  const hint = waits
    ? `Run the earlier steps first: “${example.title}” needs ${lacks.join(", ")}`
    : `Run “${example.title}”`;
  return (
    <li className={waits ? "example waits" : "example"}>
      <button type="button" className="example-open" disabled={disabled} onClick={onOpen}>
        <span className="example-title">
          {example.step !== undefined && <span className="step">{example.step}</span>}
          {example.title}
        </span>
        <span className="example-about">{example.about}</span>
      </button>
      <button
        type="button"
        className="example-run"
        disabled={disabled || waits}
        onClick={onRun}
        aria-label={hint}
        title={hint}
      >
        <PlayIcon aria-hidden="true" />
      </button>
    </li>
  );
}

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M3 4.5h6M3 10h4M3 15.5h6" strokeLinecap="round" />
      <path d="m11 6.5 6 3.5-6 3.5z" strokeLinejoin="round" />
    </svg>
  );
}
