import type { TransportHeaders, TransportResponse } from "../../lib/protocol/transport.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { jsonText } from "../memory/json_text.ts";
import type { FaultRequest } from "./fault_request.ts";
import type { WholeAnswer } from "./server_words.ts";

/** What has to do with a group whose backend is away: the backend's answers, and lists of all groups. */
export function roleOfGroup(
  { verb, path, group, version }: FaultRequest,
  unavailable: string,
): "backend" | "catalog" | "none" {
  if (version !== "" && group === unavailable) return "backend";
  return verb === "discovery" && /^\/apis?\/?$/.test(path) ? "catalog" : "none";
}

/** Headers without If-None-Match: a 304 would say that all is as it was. */
export function unconditional(headers: TransportHeaders = {}): TransportHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== "if-none-match"),
  );
}

/** The answer without an ETag; in aggregated discovery all versions of the group are stale, and empty. */
export async function withStaleGroup(response: TransportResponse, group: string): Promise<WholeAnswer> {
  const { status, headers } = response;
  const contentType = headers.get("content-type") ?? "";
  const body = await textOf(response.body);
  const isAggregated = contentType.includes("as=APIGroupDiscoveryList");
  return {
    status,
    headers: { "content-type": contentType },
    body: isAggregated ? `${jsonText(staleDocument(JSON.parse(body), group))}\n` : body,
  };
}

function staleDocument(document: JsonObject, group: string): JsonObject {
  const items = listOf(document.items).map((item) => {
    const { name = "" } = isJsonObject(item.metadata) ? item.metadata : {};
    return name === group ? { ...item, versions: listOf(item.versions).map(staleVersion) } : item;
  });
  return { ...document, items };
}

function staleVersion({ version }: JsonObject): JsonObject {
  return { version, freshness: "Stale" };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
