import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { failure } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { applySpec } from "./applying.ts";

const TYPED = "failed to create typed patch object (/one; example.com/v1, Kind=Moon): ";

export function listCases(open: OpenSession): void {
  describe("a list that is applied", () => {
    it("with keys merges item by item, and field by field in them", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1, ports: [{ name: "p", port: 1 }] } });
      const ports = [
        { name: "q", port: 2 },
        { name: "p", host: "h" },
      ];
      const { json } = await applySpec(api, { as: "m2", spec: { size: 1, ports } });
      expect((json.spec as { ports: unknown }).ports).toEqual([
        { name: "q", port: 2 },
        { host: "h", name: "p", port: 1 },
      ]);
      const less = await applySpec(api, { as: "m2", spec: { size: 1, ports: ports.slice(0, 1) } });
      expect((less.json.spec as { ports: unknown }).ports).toEqual([
        { name: "q", port: 2 },
        { name: "p", port: 1 },
      ]);
    });

    it("with keys conflicts within an item, which its key names", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1, ports: [{ name: "p", port: 1 }] } });
      const reply = await applySpec(api, { as: "m2", spec: { size: 1, ports: [{ name: "p", port: 2 }] } });
      expect([reply.status, reply.json.message]).toEqual([
        409,
        'Apply failed with 1 conflict: conflict with "m1": .spec.ports[name="p"].port',
      ]);
    });

    it("that is a set adds values and takes away one's own", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1, tags: ["a", "b"] } });
      const both = await applySpec(api, { as: "m2", spec: { size: 1, tags: ["b", "c"] } });
      expect((both.json.spec as { tags: unknown }).tags).toEqual(["a", "b", "c"]);
      const less = await applySpec(api, { as: "m1", spec: { size: 1 } });
      expect((less.json.spec as { tags: unknown }).tags).toEqual(["b", "c"]);
    });

    it("without a type is one value", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1, steps: ["a"] } });
      const reply = await applySpec(api, { as: "m2", spec: { size: 1, steps: ["b"] } });
      expect([reply.status, reply.json.message]).toEqual([
        409,
        'Apply failed with 1 conflict: conflict with "m1": .spec.steps',
      ]);
      const forced = await applySpec(api, { as: "m2", query: "force=true", spec: { size: 1, steps: ["b"] } });
      expect((forced.json.spec as { steps: unknown }).steps).toEqual(["b"]);
    });

    const refused: readonly [title: string, spec: object, why: string][] = [
      [
        "with keys and an item that has none",
        { ports: [{ port: 3 }] },
        '.spec.ports: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
      ],
      [
        "with two items of one key",
        { ports: [{ name: "p" }, { name: "p" }] },
        '.spec.ports: duplicate entries for key [name="p"]',
      ],
      [
        "with a value twice that is a set",
        { tags: ["a", "a"] },
        '.spec.tags: duplicate entries for key [="a"]',
      ],
    ];
    for (const [title, spec, why] of refused) {
      it(`${title} is an error of the server without a reason`, async () => {
        const api = await open();
        const reply = await applySpec(api, { as: "m1", spec: { size: 1, ...spec } });
        expect(reply.text).toBe(failure(500, { message: TYPED + why }));
      });
    }
  });

  describe("a map that is applied", () => {
    it("merges key by key", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1, counts: { a: 1 } } });
      const { json } = await applySpec(api, { as: "m2", spec: { size: 1, counts: { b: 2 } } });
      expect((json.spec as { counts: unknown }).counts).toEqual({ a: 1, b: 2 });
    });

    it("that is atomic is one value", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1, pinned: { a: "1" } } });
      const reply = await applySpec(api, { as: "m2", spec: { size: 1, pinned: { b: "1" } } });
      expect([reply.status, reply.json.message]).toEqual([
        409,
        'Apply failed with 1 conflict: conflict with "m1": .spec.pinned',
      ]);
    });
  });
}
