import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { definition, world } from "./exchange.ts";

interface Operation {
  parameters: { name: string; in: string }[];
  "x-kubernetes-group-version-kind": object;
}

describe("openApiAnswer", () => {
  it("leads to a document for each group and version, of custom kinds too", async () => {
    const { send, server } = await world();
    await server.create(definition("Widget", { versions: ["v1", "v2"] }));
    const { paths } = (await send("GET /openapi/v3")).json as unknown as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(["api/v1", "apis/apps/v1", "apis/example.com/v1", "apis/example.com/v2"]),
    );
    for (const { serverRelativeURL } of Object.values(paths)) {
      expect((await send(`GET ${serverRelativeURL}`)).status).toBe(200);
    }
  });

  it("tells of each kind which parameters its writes take", async () => {
    const { send } = await world();
    const { json } = await send("GET /openapi/v3/api/v1");
    const paths = json.paths as Record<string, Record<string, Operation>>;
    const { patch, put } = paths["/api/v1/namespaces/{namespace}/configmaps/{name}"] ?? {};
    expect(patch?.["x-kubernetes-group-version-kind"]).toEqual({
      group: "",
      version: "v1",
      kind: "ConfigMap",
    });
    const names = (operation?: Operation) => operation?.parameters.map(({ name }) => name);
    expect(names(patch)).toEqual(["dryRun", "fieldManager", "fieldValidation", "force"]);
    expect(names(put)).toEqual(["dryRun", "fieldManager", "fieldValidation"]);
    expect(names(paths["/api/v1/nodes"]?.post)).toContain("fieldValidation");
  });

  it("has no document for what is not served, and takes only GET", async () => {
    const { send } = await world();
    for (const path of ["/openapi/v3/apis/foo.io/v1", "/openapi/v3/", "/openapi/v2", "/openapi/v3x"]) {
      const { status } = await send(`GET ${path}`);
      expect([path, status]).toEqual([path, path === "/openapi/v3/" ? 200 : 404]);
    }
    expect((await send("POST /openapi/v3")).status).toBe(405);
  });
});
