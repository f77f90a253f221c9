/** How the editor reaches the endpoint: HTTP, and a WebSocket for subscriptions. */

import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import type { ExecutionResult } from "graphql";
import { createClient } from "graphql-ws";

import type { Session } from "./session";

export interface Answer {
  operationName: string;
  /** Null when the request itself failed. */
  result: ExecutionResult | null;
}

export interface Transport {
  fetcher: Fetcher;
  onAnswer: (listener: (answer: Answer) => void) => () => void;
}

export function createTransport(session: Session): Transport {
  const listeners = new Set<(answer: Answer) => void>();
  const announce = (answer: Answer) => listeners.forEach((listener) => listener(answer));
  const inner = createGraphiQLFetcher({
    url: "/graphql",
    enableIncrementalDelivery: false,
    fetch: (input, init) => watchedFetch(session, input, init),
    wsClient: createClient({
      url: `${location.origin.replace("http", "ws")}/graphql`,
      connectionParams: () => session.authorization(),
    }),
  });

  const fetcher: Fetcher = async (params, options) => {
    const operationName = params.operationName ?? "";
    try {
      // A header written in the editor's own Headers tab goes last and wins.
      const headers = { ...(await session.authorization()), ...options?.headers };
      const result = await inner(params, { ...options, headers });
      if (isResult(result)) {
        adoptGuest(session, result.data);
        announce({ operationName, result });
      }
      return result;
    } catch (error) {
      announce({ operationName, result: null });
      throw error;
    }
  };

  return {
    fetcher,
    onAnswer(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Notices a token that the server does not take, and then still reads the schema, without it. */
async function watchedFetch(
  session: Session,
  input: RequestInfo | URL,
  init: RequestInit = {},
): Promise<Response> {
  const response = await fetch(input, init);
  if (!response.headers.get("www-authenticate")?.includes("invalid_token")) return response;
  const headers = new Headers(init.headers);
  session.tokenRefused(headers.get("authorization"));
  if (!String(init.body).includes("IntrospectionQuery")) return response;
  headers.delete("authorization");
  return fetch(input, { ...init, headers });
}

function isResult(value: object): value is ExecutionResult {
  return "data" in value || "errors" in value;
}

function adoptGuest(session: Session, data: ExecutionResult["data"]): void {
  for (const payload of Object.values(data ?? {})) {
    const token = (payload as { guestToken?: unknown } | null)?.guestToken;
    if (typeof token === "string") session.adoptGuest(token);
  }
}
