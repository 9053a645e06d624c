import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { OpenSession } from "../session.ts";
import { configMap, continueTooOld, errorFrame, failure, frame } from "./expected.ts";

/** For the embedded server only: a real one forgets what its watch cache has after minutes, or when it starts anew. */
export function forgottenVersionCases(open: OpenSession): void {
  describe("a forgotten version of a kind with a watch cache (a real server takes minutes to forget it)", () => {
    it("is gone for the pages of a list, with a token that goes on later", async () => {
      const api = await open();
      for (const name of ["a", "b"]) await api.create(api.configMaps, { metadata: { name } });
      const first = (await api.get(`${api.configMaps}?limit=1`)).json.metadata;
      await api.create(api.configMaps, { metadata: { name: "c" } });
      await api.server.compact();
      const gone = await api.get(`${api.configMaps}?limit=1&continue=${first.continue}`);
      expect([gone.status, gone.text]).toEqual([410, continueTooOld]);
      const later = await api.get(`${api.configMaps}?continue=${gone.json.metadata.continue}`);
      expect(later.json.items.map(({ metadata }) => metadata.name)).toEqual(["b", "c"]);
    });

    it("is gone for a list of that very state", async () => {
      const api = await open();
      const version = await api.version(api.configMaps);
      await api.create(api.configMaps, { metadata: { name: "a" } });
      await api.server.compact();
      const reply = await api.get(`${api.configMaps}?resourceVersion=${version}&resourceVersionMatch=Exact`);
      const message = "The resourceVersion for the provided list is too old.";
      expect(reply.text).toBe(failure(410, { message, reason: "Expired" }));
    });

    it("is gone for a watch, but the present one is not", async () => {
      const api = await open();
      const old = await api.version(api.configMaps);
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "a" } });
      await api.server.compact();
      const message = `too old resource version: ${old} (<version>)`;
      const stale = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${old}`);
      expect(await stale.rest()).toEqual([errorFrame(failure(410, { message, reason: "Expired" }))]);
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${metadata.resourceVersion}`);
      await api.create(api.configMaps, { metadata: { name: "b" } });
      expect(await watch.next()).toBe(frame("ADDED", configMap("b", { uid: 1, version: 1 })));
    });
  });
}
