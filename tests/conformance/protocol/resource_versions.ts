import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ApiBody } from "../../fixtures/control_plane.ts";
import type { OpenSession, Session } from "../session.ts";
import { errorFrame, failure, invalid } from "./expected.ts";

const FAR = "999999999";
const LIST_OPTIONS = { group: "meta.k8s.io", kind: "ListOptions" };
const MATCH = "resourceVersionMatch";

export function resourceVersionCases(open: OpenSession): void {
  describe("a list at a resource version", () => {
    /** The versions after which there were one, two and three ConfigMaps. */
    async function history(api: Session): Promise<string[]> {
      const versions: string[] = [];
      for (const name of ["a", "b", "c"]) {
        versions.push((await api.create(api.configMaps, { metadata: { name } })).metadata.resourceVersion);
      }
      return versions;
    }

    it("is that very state with resourceVersionMatch=Exact", async () => {
      const api = await open();
      const [, second = ""] = await history(api);
      const list = (await api.get(`${api.configMaps}?resourceVersion=${second}&${MATCH}=Exact`)).json;
      expect(namesOf(list)).toEqual(["a", "b"]);
      expect(list.metadata.resourceVersion).toBe(second);
    });

    it("is that very state with a limit and no resourceVersionMatch", async () => {
      const api = await open();
      const [, second = ""] = await history(api);
      const list = (await api.get(`${api.configMaps}?resourceVersion=${second}&limit=1`)).json;
      expect(list.metadata).toMatchObject({ resourceVersion: second, remainingItemCount: 1 });
    });

    it("is no older than that otherwise", async () => {
      const api = await open();
      const [first = "", , third] = await history(api);
      await api.cached(api.configMaps, third);
      for (const query of [`${MATCH}=NotOlderThan`, `${MATCH}=NotOlderThan&limit=9`, ""]) {
        const list = (await api.get(`${api.configMaps}?resourceVersion=${first}&${query}`)).json;
        expect(namesOf(list)).toEqual(["a", "b", "c"]);
        expect(Number(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(third));
      }
    });

    it("may have leading zeros", async () => {
      const api = await open();
      const [, second] = await history(api);
      const list = (await api.get(`${api.configMaps}?resourceVersion=00${second}&${MATCH}=Exact`)).json;
      expect(namesOf(list)).toEqual(["a", "b"]);
    });

    it("has no pages at 0, where any version will do; but Events have", async () => {
      const api = await open();
      const [, , third] = await history(api);
      await api.cached(api.configMaps, third);
      const list = (await api.get(`${api.configMaps}?resourceVersion=0&limit=1`)).json;
      expect(namesOf(list)).toEqual(["a", "b", "c"]);
      expect(Object.keys(list.metadata)).toEqual(["resourceVersion"]);

      const events = api.path("events");
      for (const name of ["a", "b"]) {
        await api.create(events, { metadata: { name }, involvedObject: { namespace: api.namespace } });
      }
      expect(namesOf((await api.get(`${events}?resourceVersion=0&limit=1`)).json)).toEqual(["a"]);
    });

    it("of Events is gone once it is forgotten", async () => {
      const api = await open();
      const events = api.path("events");
      const version = await api.version(events);
      await api.create(events, { metadata: { name: "a" }, involvedObject: { namespace: api.namespace } });
      await api.server.compact();
      const reply = await api.get(`${events}?resourceVersion=${version}&${MATCH}=Exact`);
      const message = "The resourceVersion for the provided list is too old.";
      expect(reply.text).toBe(failure(410, { message, reason: "Expired" }));
    });
  });

  describe("a resource version in the future", () => {
    const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
    const message = `Timeout: Too large resource version: ${FAR}, current: <version>`;
    const status = failure(504, { message, reason: "Timeout", details: { causes, retryAfterSeconds: 1 } });

    it("is a timeout after 3 s for a list, a get and a streaming list", async () => {
      const api = await open();
      const begun = performance.now();
      const query = `watch=1&sendInitialEvents=true&${MATCH}=NotOlderThan&resourceVersion=${FAR}`;
      const watch = await api.watch(`${api.configMaps}?${query}`);
      const [list, exact, get, frames] = await Promise.all([
        api.get(`${api.configMaps}?resourceVersion=${FAR}`),
        api.get(`${api.configMaps}?resourceVersion=${FAR}&${MATCH}=Exact`),
        api.get(`${api.configMaps}/absent?resourceVersion=${FAR}`),
        watch.rest(),
      ]);
      for (const reply of [list, exact, get]) {
        expect([reply.status, reply.header("retry-after"), reply.text]).toEqual([504, "1", status]);
      }
      expect(frames).toEqual([errorFrame(status)]);
      expect(performance.now() - begun).toBeGreaterThan(2_900);
    });

    it("is a timeout at once for Events, which have no watch cache", async () => {
      const api = await open();
      const reply = await api.get(`${api.path("events")}?resourceVersion=${FAR}`);
      expect(reply.text).toBe(failure(504, { message, reason: "Timeout", details: { causes } }));
      expect(reply.header("retry-after")).toBe(null);
    });
  });

  describe("the query of a list", () => {
    const refused: readonly [query: string, causes: Parameters<typeof invalid>[1]][] = [
      [`${MATCH}=Exact`, [forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`)]],
      [
        `${MATCH}=Exact&resourceVersion=0`,
        [forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`)],
      ],
      [
        `${MATCH}=NotOlderThan&resourceVersion=1&continue=x`,
        [forbidden(MATCH, `${MATCH} is forbidden when continue is provided`)],
      ],
      [
        `${MATCH}=Sometimes&resourceVersion=1`,
        [
          [
            "FieldValueNotSupported",
            MATCH,
            'Unsupported value: "Sometimes": supported values: "Exact", "NotOlderThan", ""',
          ],
        ],
      ],
      [
        `sendInitialEvents=false`,
        [forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")],
      ],
      [
        `${MATCH}=Never&sendInitialEvents`,
        [
          forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`),
          [
            "FieldValueNotSupported",
            MATCH,
            'Unsupported value: "Never": supported values: "Exact", "NotOlderThan", ""',
          ],
          forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"),
        ],
      ],
    ];
    for (const [query, causes] of refused) {
      it(`?${query} is invalid`, async () => {
        const api = await open();
        const reply = await api.get(`${api.configMaps}?${query}`);
        expect(reply.text).toBe(invalid(LIST_OPTIONS, causes));
      });
    }

    const unreadable: readonly [query: string, message: string][] = [
      [
        "resourceVersion=abc",
        'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
      ],
      ["limit=abc", 'strconv.ParseInt: parsing "abc": invalid syntax'],
      ["timeoutSeconds=abc", 'strconv.ParseInt: parsing "abc": invalid syntax'],
      [
        "fieldSelector=data.k%3Dv",
        '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
      ],
      ["fieldSelector=metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
    ];
    for (const [query, message] of unreadable) {
      it(`?${query} is a bad request`, async () => {
        const api = await open();
        const reply = await api.get(`${api.configMaps}?${query}`);
        expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
      });
    }

    for (const selector of ["a===b", "a in b", "a b", "a,,b", "a in (b", "-a", "a=-b", "a>b", "(a)"]) {
      // Each server words it like its own parser.
      it(`?labelSelector=${selector} is a bad request`, async () => {
        const api = await open();
        const reply = await api.get(`${api.configMaps}?labelSelector=${encodeURIComponent(selector)}`);
        const { message, ...rest } = reply.json;
        expect(message.length).toBeGreaterThan(10);
        expect(rest).toEqual({
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Failure",
          reason: "BadRequest",
          code: 400,
        });
      });
    }
  });
}

function forbidden(field: string, why: string): [reason: string, field: string, message: string] {
  return ["FieldValueForbidden", field, `Forbidden: ${why}`];
}

function namesOf({ items }: ApiBody): string[] {
  return items.map(({ metadata }) => metadata.name);
}
