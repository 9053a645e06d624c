import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { onlyHere } from "../../fixtures/server_names.ts";
import type { OpenSession } from "../session.ts";
import { failure } from "./expected.ts";

/** For the embedded server: a real one takes these patches of built-in kinds. */
export function strategicPatchCases(open: OpenSession): void {
  describe("a strategic merge patch of a built-in kind", () => {
    it(`is a 415${onlyHere("the embedded server does not know by what keys built-in lists merge")}`, async () => {
      const api = await open();
      const path = `${api.configMaps}/one`;
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const headers = { "content-type": "application/strategic-merge-patch+json" };
      const reply = await api.send("PATCH", path, { body: { data: { a: "1" } }, headers });
      const types = ["json-patch+json", "merge-patch+json", "apply-patch+yaml"];
      const accepted = types.map((type) => `application/${type}`).join(", ");
      const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
      expect(reply.text).toBe(failure(415, { message, reason: "UnsupportedMediaType" }));
      expect((await api.get(path)).json).not.toHaveProperty("data");
    });
  });
}
