/**
 * The hook on Deno: KUBERNETES_URL and KUBERNETES_TOKEN say where the API server is.
 *
 *     deno run --allow-net --allow-env examples/serverless_hook/deno.ts
 */
import { fetchTransport } from "../../transports/fetch.ts";
import { handle } from "./hook.ts";

declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  serve(handler: (request: Request) => Promise<Response>): unknown;
};

const token = Deno.env.get("KUBERNETES_TOKEN");
const transport = fetchTransport({
  baseUrl: Deno.env.get("KUBERNETES_URL") ?? "http://127.0.0.1:8001",
  ...(token && { headers: { authorization: `Bearer ${token}` } }),
});

Deno.serve((request) => handle(request, { transport, store: localStorage }));
