import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ApiBody } from "../../fixtures/control_plane.ts";
import { custom } from "../custom_kinds.ts";
import type { OpenSession, Session } from "../session.ts";
import { continueTooOld, failure } from "./expected.ts";

export function pageCases(open: OpenSession): void {
  describe("the pages of a list", () => {
    it("tell how many items remain, and end without a token", async () => {
      const api = await open();
      await createFive(api);
      const first = await api.get(`${api.configMaps}?limit=2`);
      expect(first.text).toContain(
        '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"<version>","continue":"<continue>","remainingItemCount":3},"items":[{"metadata":{"name":"a"',
      );
      const second = await api.get(`${api.configMaps}?limit=2&continue=${tokenOf(first.json)}`);
      expect(second.json.metadata.remainingItemCount).toBe(1);
      const third = await api.get(`${api.configMaps}?limit=2&continue=${tokenOf(second.json)}`);
      expect(third.text).toContain(
        '"metadata":{"resourceVersion":"<version>"},"items":[{"metadata":{"name":"e"',
      );
      expect([first, second, third].map(({ json }) => namesOf(json))).toEqual([
        ["a", "b"],
        ["c", "d"],
        ["e"],
      ]);
    });

    it("are all of one resource version, and show no write that came in between", async () => {
      const api = await open();
      await createFive(api);
      const first = (await api.get(`${api.configMaps}?limit=2`)).json;
      await api.create(api.configMaps, { metadata: { name: "bb" } });
      await api.delete(`${api.configMaps}/d`);
      await api.patch(`${api.configMaps}/e`, { data: { later: "yes" } });
      const second = (await api.get(`${api.configMaps}?limit=9&continue=${tokenOf(first)}`)).json;
      expect(namesOf(second)).toEqual(["c", "d", "e"]);
      expect(second.items[2]?.data).toBe(undefined);
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it("do not tell how many items remain of a selection", async () => {
      const api = await open();
      await createFive(api);
      for (const selector of ["labelSelector=odd", "fieldSelector=metadata.name!%3Dc"]) {
        const { metadata } = (await api.get(`${api.configMaps}?limit=1&${selector}`)).json;
        expect(Object.keys(metadata)).toEqual(["resourceVersion", "continue"]);
      }
    });

    it("of a selection hold what it selects", async () => {
      const api = await open();
      await createFive(api);
      const found: string[] = [];
      let token = "";
      do {
        const page = (await api.get(`${api.configMaps}?labelSelector=odd&limit=1&continue=${token}`)).json;
        found.push(...namesOf(page));
        token = tokenOf(page);
      } while (token !== "");
      expect(found).toEqual(["a", "c", "e"]);
    });

    it("of a custom kind have the token in front", async () => {
      const api = await open();
      for (const name of ["a", "b", "c"]) await api.create(api.widgets, custom("Widget", name));
      const first = await api.get(`${api.widgets}?limit=2`);
      expect(first.text).toContain(
        '],"kind":"WidgetList","metadata":{"continue":"<continue>","remainingItemCount":1,"resourceVersion":"<version>"}}\n',
      );
      const second = await api.get(`${api.widgets}?limit=2&continue=${tokenOf(first.json)}`);
      expect(namesOf(second.json)).toEqual(["c"]);
      expect(second.json.metadata.continue).toBe("");
    });

    it("have no end with a negative limit, or with resource version 0, which means any", async () => {
      const api = await open();
      await createFive(api);
      const first = (await api.get(`${api.configMaps}?limit=2`)).json;
      for (const query of ["limit=-1", "limit=2&resourceVersion=0"]) {
        const second = (await api.get(`${api.configMaps}?continue=${tokenOf(first)}&${query}`)).json;
        expect(namesOf(second)).toEqual(["c", "d", "e"]);
      }
    });

    it("of Events are gone once the version is forgotten, with a token that goes on later", async () => {
      const api = await open();
      const events = api.path("events");
      for (const name of ["a", "b", "c"]) await api.create(events, event(api, name));
      const first = (await api.get(`${events}?limit=1`)).json;
      await api.create(events, event(api, "d"));
      await api.server.compact();
      const gone = await api.get(`${events}?limit=1&continue=${tokenOf(first)}`);
      expect(gone.status).toBe(410);
      expect(gone.text).toBe(continueTooOld);
      const later = (await api.get(`${events}?continue=${tokenOf(gone.json)}`)).json;
      expect(namesOf(later)).toEqual(["b", "c", "d"]);
      expect(Number(later.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    });
  });

  describe("a continue token", () => {
    it("that is garbage is a bad request", async () => {
      const api = await open();
      const message =
        "invalid continue token: continue key is not valid: illegal base64 data at input byte 0";
      const reply = await api.get(`${api.configMaps}?continue=*`);
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
    });

    it("does not go with a resource version", async () => {
      const api = await open();
      await createFive(api);
      const first = (await api.get(`${api.configMaps}?limit=2`)).json;
      const reply = await api.get(`${api.configMaps}?continue=${tokenOf(first)}&resourceVersion=1`);
      expect(reply.text).toBe(
        failure(400, {
          message: "specifying resource version is not allowed when using continue",
          reason: "BadRequest",
        }),
      );
    });
  });
}

async function createFive(api: Session): Promise<void> {
  for (const name of ["a", "b", "c", "d", "e"]) {
    const labels = "ace".includes(name) ? { odd: "yes" } : {};
    await api.create(api.configMaps, { metadata: { name, labels } });
  }
}

function event(api: Session, name: string): object {
  return { metadata: { name }, involvedObject: { namespace: api.namespace } };
}

function tokenOf({ metadata }: ApiBody): string {
  return String(metadata.continue ?? "");
}

function namesOf({ items }: ApiBody): string[] {
  return items.map(({ metadata }) => metadata.name);
}
