/** The page's single session, its transport, and what examples hand on to one another. */

import { useSyncExternalStore } from "react";

import { CarriedValues, type Values } from "./examples/carried";
import { EXAMPLES } from "./examples/library";
import { Session, type SessionState } from "./session";
import { createTransport } from "./transport";

export const session = new Session();
export const transport = createTransport(session);
export const carried = new CarriedValues();

transport.onAnswer(({ operationName, result }) => {
  const example = EXAMPLES.find(({ name }) => name === operationName);
  if (example && result) carried.keep(session.snapshot().caller, example, result.data);
});

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

export function useCarried(): Values {
  const { caller } = useSession();
  return useSyncExternalStore(carried.subscribe, () => carried.of(caller));
}
