import { custom } from "../custom_kinds.ts";
import type { Reply, Session } from "../session.ts";

/** Posts a Moon with a spec, which needs a `size` to be valid. */
export function postMoon(
  api: Session,
  spec: object,
  { name = "one", query = "", ...fields }: { name?: string; query?: string; status?: object } = {},
): Promise<Reply> {
  return api.send("POST", `${api.moons}${query}`, { body: custom("Moon", name, { spec, ...fields }) });
}

/** The Warning headers for these texts, as they are joined. */
export function warnings(texts: readonly string[]): string {
  return texts.map((text) => `299 - ${JSON.stringify(text)}`).join(", ");
}
