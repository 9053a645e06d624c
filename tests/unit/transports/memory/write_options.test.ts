import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, MERGE_PATCH, world } from "./exchange.ts";
import { APPLY } from "./thing.ts";

const required = "fieldManager: Required value: is required for apply patch";
const forbidden = "force: Forbidden: may not be specified for non-apply patch";
const tooLong = "fieldManager: Too long: may not be more than 128 bytes";
const unprintable = 'fieldManager: Invalid value: "\\x01": invalid character U+0001 (at position 0)';
const dryRun = 'dryRun: Unsupported value: ["q"]: supported values: "All"';
const validation =
  'fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"';

/** What kube-apiserver 1.35.4 said of each query. */
const CASES: readonly [call: string, query: string, type: string, kind: string, said: string[]][] = [
  ["PATCH", "", APPLY, "PatchOptions", [required]],
  ["PATCH", "fieldManager=m&force=true", MERGE_PATCH, "PatchOptions", [forbidden]],
  [
    "PATCH",
    "fieldValidation=x&dryRun=q&force=1",
    MERGE_PATCH,
    "PatchOptions",
    [forbidden, dryRun, validation],
  ],
  ["POST", `fieldManager=${"x".repeat(129)}`, "application/json", "CreateOptions", [tooLong]],
  [
    "POST",
    "fieldManager=%01&fieldValidation=x&dryRun=q",
    "",
    "CreateOptions",
    [unprintable, dryRun, validation],
  ],
  ["PUT", "fieldValidation=x&dryRun=q", "", "UpdateOptions", [dryRun, validation]],
];

describe("writeOptions", () => {
  for (const [method, query, type, kind, said] of CASES) {
    it(`refuses ${method} with "${query.slice(0, 60)}" in the API server's words`, async () => {
      const { send } = await world();
      const path = `${CONFIG_MAPS}${method === "POST" ? "" : "/a"}?${query}`;
      const { status, json } = await send(`${method} ${path}`, { type, body: configMap("a") });
      const words = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
      expect([status, json.message]).toEqual([422, `${kind}.meta.k8s.io "" is invalid: ${words}`]);
      expect(json.details).toMatchObject({ group: "meta.k8s.io", kind });
    });
  }

  it("forces with any value but false and 0", async () => {
    const { send } = await world();
    const apply = (as: string, force: string) =>
      send(`PATCH ${CONFIG_MAPS}/a?fieldManager=${as}${force}`, {
        type: APPLY,
        body: configMap("a", { data: { k: as } }),
      });
    await apply("a", "");
    for (const [as, force, status] of [
      ["b", "&force=false", 409],
      ["b", "&force=0", 409],
      ["b", "&force=true", 200],
      ["c", "&force", 200],
    ] as const) {
      expect([force, (await apply(as, force)).status]).toEqual([force, status]);
    }
  });
});
