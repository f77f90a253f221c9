import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { useEffect } from "react";

import { EXAMPLES_PLUGIN } from "./examples/ExamplesPanel";
import { IdentityBar } from "./IdentityBar";
import { session, transport } from "./workbench";

// GraphiQL compares these by identity and starts over when they change.
const PLUGINS = [EXAMPLES_PLUGIN, HISTORY_PLUGIN];

const WELCOME = `# Run an example from the left panel,
# choose at the top whom you act as,
# or write an operation of your own:
# Ctrl-Space completes, Ctrl-Enter runs.
# The book icon shows all types.

query Shop {
  shop {
    name
  }
}
`;

export function Explorer() {
  useEffect(() => {
    void session.loadAccounts();
  }, []);

  return (
    <>
      <IdentityBar />
      <main className="workspace">
        <GraphiQL
          fetcher={transport.fetcher}
          plugins={PLUGINS}
          visiblePlugin={EXAMPLES_PLUGIN}
          defaultQuery={WELCOME}
          defaultEditorToolsVisibility="variables"
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>
            <span className="endpoint">POST /graphql</span>
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}
