import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ApiBody } from "../../fixtures/control_plane.ts";
import { custom, define, version } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { accept, as, TABLE } from "./media_types.ts";

interface Table extends ApiBody {
  columnDefinitions: readonly { name: string; type: string; format: string; priority: number }[] | null;
  rows: readonly { cells: readonly unknown[]; object: ApiBody | null }[];
}

const headers = accept(TABLE, "application/json");

/** The definitions of columns in short: a name, a type, a format and a priority where it has one. */
function columnsOf({ columnDefinitions }: Table): string[] | null {
  return (
    columnDefinitions?.map(({ name, type, format, priority }) =>
      [name, type, format, priority || ""].join(" ").trimEnd(),
    ) ?? null
  );
}

/** The cells of all rows; an age is `<age>`. */
export function cellsOf({ rows }: Pick<Table, "rows">): unknown[][] {
  return rows.map(({ cells }) =>
    cells.map((cell) =>
      typeof cell === "string" ? cell.replace(/(?<=^|\()(?:\d+[smhdy])+(?=$| ago\))/, "<age>") : cell,
    ),
  );
}

export function tableCases(open: OpenSession): void {
  describe("a table", () => {
    it("of a list has its version, columns, and rows with metadata", async () => {
      const api = await open();
      await api.create(api.configMaps, {
        metadata: { name: "one", labels: { a: "b" } },
        data: { k: "v", l: "w" },
      });
      await api.create(api.configMaps, { metadata: { name: "two" } });
      const reply = await api.get(api.configMaps, { headers });
      const table = reply.json as Table;
      expect(
        reply.text.startsWith(
          '{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"<version>"},"columnDefinitions":[{"name":"Name","type":"string","format":"name","description":"',
        ),
      ).toBe(true);
      expect(columnsOf(table)).toEqual(["Name string name", "Data string", "Age string"]);
      expect(cellsOf(table)).toEqual([
        ["one", 2, "<age>"],
        ["two", 0, "<age>"],
      ]);
      expect(reply.text).toContain(
        ']{"cells":'.slice(1) + reply.text.split('{"cells":')[1]?.replace(/,$/, ""),
      );
      expect(table.rows[0]?.object).toMatchObject({
        kind: "PartialObjectMetadata",
        apiVersion: "meta.k8s.io/v1",
        metadata: { name: "one", labels: { a: "b" } },
      });
    });

    it("of an object has one row and the object's version; of nothing it has none", async () => {
      const api = await open();
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "one" } });
      const one = (await api.get(`${api.configMaps}/one`, { headers })).json as Table;
      expect([one.metadata, cellsOf(one)]).toEqual([
        { resourceVersion: metadata.resourceVersion },
        [["one", 0, "<age>"]],
      ]);
      const none = (await api.get(api.widgets, { headers })).json as Table;
      expect([none.rows, columnsOf(none)]).toEqual([[], ["Name string name", "Age date"]]);
    });

    it("shows with its rows what includeObject says", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" }, data: { k: "v" } });
      const shown = async (query: string) => {
        const { json } = await api.get(`${api.configMaps}?${query}`, { headers });
        return (json as Table).rows[0]?.object;
      };
      expect(await shown("includeObject=None")).toBe(null);
      expect((await shown("includeObject=Metadata"))?.kind).toBe("PartialObjectMetadata");
      expect(await shown("includeObject=Object")).toMatchObject({
        kind: "ConfigMap",
        apiVersion: "v1",
        data: { k: "v" },
      });
      for (const watch of ["", "&watch=1&timeoutSeconds=1"]) {
        const wrong = await api.get(`${api.configMaps}?includeObject=foo${watch}`, { headers });
        expect([wrong.status, wrong.json.message]).toEqual([
          400,
          "Unable to convert to Table as requested: includeObject: Invalid value: \"foo\": must be 'Metadata', 'Object', 'None', or empty",
        ]);
      }
    });

    it("answers writes too", async () => {
      const api = await open();
      const body = { metadata: { name: "one" } };
      const created = await api.send("POST", api.configMaps, { headers, body });
      expect([created.status, cellsOf(created.json as Table)]).toEqual([201, [["one", 0, "<age>"]]]);
    });

    it("of pages says where it goes on", async () => {
      const api = await open();
      for (const name of ["one", "two"]) await api.create(api.configMaps, { metadata: { name } });
      const { text } = await api.get(`${api.configMaps}?limit=1`, { headers });
      expect(text).toContain(
        '"metadata":{"resourceVersion":"<version>","continue":"<continue>","remainingItemCount":1}',
      );
    });

    it("is not what a review can be", async () => {
      const api = await open();
      const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      expect((await api.send("POST", path, { headers: accept(TABLE), body: {} })).status).toBe(406);
    });
  });

  describe("a watch of tables", () => {
    it("tells its columns once, and a row in each frame", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const watch = await api.watch(`${api.configMaps}?watch=1&allowWatchBookmarks=true`, { headers });
      await api.create(api.configMaps, { metadata: { name: "two" }, data: { a: "b" } });
      const frames = (await watch.take(3)).map((line): { type: string; object: Table } => JSON.parse(line));
      expect(frames.map(({ object }) => columnsOf(object)?.length ?? null)).toEqual([3, null, null]);
      expect(frames.map(({ type, object }) => [type, cellsOf(object)])).toEqual([
        ["ADDED", [["one", 0, "<age>"]]],
        ["BOOKMARK", [["", 0, "<unknown>"]]],
        ["ADDED", [["two", 1, "<age>"]]],
      ]);
      expect(frames.map(({ object }) => object.kind)).toEqual(["Table", "Table", "Table"]);
    });

    it("may be of the older version", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const watch = await api.watch(`${api.configMaps}?watch=1`, {
        headers: accept(as("Table", { version: "v1beta1" })),
      });
      const text = await watch.next();
      expect(text.split("meta.k8s.io/v1beta1").length).toBe(3);
    });
  });

  describe("a custom table", () => {
    it("has the columns of its definition", async () => {
      const api = await open();
      const group = `${api.namespace}.example.com`;
      const columns: readonly [name: string, type: string, jsonPath: string, more?: object][] = [
        ["Size", "integer", ".spec.size", { priority: 1, format: "int32", description: "how big" }],
        ["Colour", "string", ".spec.colour"],
        ["First", "string", ".spec.list[*].a"],
        ["Second", "string", ".spec.list[1].a"],
        ["Ready", "string", '.status.conditions[?(@.type=="Ready")].status'],
        ["Dotted", "string", ".metadata.annotations.example\\.com/key"],
        ["Ratio", "number", ".spec.ratio"],
        ["On", "boolean", ".spec.on"],
        ["Since", "date", ".spec.since"],
        ["Whole", "string", ".spec.map"],
      ];
      await define(api, {
        group,
        kind: "Thing",
        versions: [
          version("v1", {
            additionalPrinterColumns: columns.map(([name, type, jsonPath, more]) => ({
              name,
              type,
              jsonPath,
              ...more,
            })),
          }),
        ],
      });
      const things = api.path("things", `${group}/v1`);
      const metadata = { annotations: { "example.com/key": "yes" } };
      const spec = { size: 3, colour: "red", list: [{ a: 1 }, { a: 2 }], ratio: 1.5, on: true };
      const status = { conditions: [{ type: "Other" }, { type: "Ready", status: "True" }] };
      await api.create(
        things,
        custom("Thing", "a", {
          group,
          metadata,
          spec: { ...spec, since: "2020-01-01T00:00:00Z", map: { x: 1 } },
          status,
        }),
      );
      await api.create(
        things,
        custom("Thing", "b", { group, spec: { size: "big", colour: 7, ratio: 2, on: "x", since: "x" } }),
      );
      const table = (await api.get(things, { headers })).json as Table;
      expect(columnsOf(table)).toEqual([
        ...["Name string name", "Size integer int32 1", "Colour string", "First string", "Second string"],
        ...["Ready string", "Dotted string", "Ratio number", "On boolean", "Since date", "Whole string"],
      ]);
      expect(table.columnDefinitions?.slice(1, 3)).toMatchObject([
        { description: "how big" },
        { description: "Custom resource definition column (in JSONPath format): .spec.colour" },
      ]);
      expect(cellsOf(table)).toEqual([
        ["a", 3, "red", "1", "2", "True", "yes", 1.5, true, "<age>", '{"x":1}'],
        ["b", null, "7", null, null, null, null, 2, null, "<invalid>", null],
      ]);
    });
  });
}
