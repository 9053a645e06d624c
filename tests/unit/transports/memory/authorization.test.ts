import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { SUPERUSER, userNamed } from "../../../../transports/memory/authentication.ts";
import {
  type AccessPolicy,
  type AccessRequest,
  decide,
  type PathAction,
  type ResourceAction,
} from "../../../../transports/memory/authorization.ts";
import { CONFIG_MAPS, exchange, world } from "./exchange.ts";

const NOBODY: AccessPolicy = { users: undefined, roles: undefined, authorize: undefined };
const pods: ResourceAction = {
  verb: "list",
  group: "",
  resource: "pods",
  subresource: "",
  namespace: "",
  name: "",
};
const [alice, anonymous] = ["alice", "system:anonymous"].map((name) => userNamed(name));
const roles = (allowed: boolean) => () => ({ allowed, reason: allowed ? "by a role" : "no role" });

describe("decide", () => {
  const cases: [
    what: string,
    policy: Partial<AccessPolicy>,
    asked: { user: typeof alice; action: ResourceAction | PathAction },
    verdict: { allowed: boolean; reason: string },
  ][] = [
    ["everything to a known user", {}, { user: alice, action: pods }, { allowed: true, reason: "" }],
    ["no resource to a stranger", {}, { user: anonymous, action: pods }, { allowed: false, reason: "" }],
    [
      "public paths to a stranger",
      {},
      { user: anonymous, action: { verb: "get", path: "/healthz" } },
      { allowed: true, reason: "" },
    ],
    [
      "no other path to a stranger",
      { authorize: () => true },
      { user: anonymous, action: { verb: "get", path: "/api" } },
      { allowed: false, reason: "" },
    ],
    [
      "what the hook allows",
      { authorize: () => true },
      { user: anonymous, action: pods },
      { allowed: true, reason: "" },
    ],
    [
      "not what the hook refuses",
      { authorize: () => false },
      { user: alice, action: pods },
      { allowed: false, reason: "" },
    ],
    [
      "everything to superusers",
      { authorize: () => false, roles: roles(false) },
      { user: SUPERUSER, action: pods },
      { allowed: true, reason: "" },
    ],
    [
      "what roles allow",
      { roles: roles(true), authorize: () => false },
      { user: alice, action: pods },
      { allowed: true, reason: "by a role" },
    ],
    [
      "what the hook allows beside roles",
      { roles: roles(false), authorize: () => true },
      { user: alice, action: pods },
      { allowed: true, reason: "" },
    ],
    [
      "not what both refuse",
      { roles: roles(false), authorize: () => false },
      { user: alice, action: pods },
      { allowed: false, reason: "no role" },
    ],
    [
      "public paths to nobody where roles do not",
      { roles: roles(false) },
      { user: anonymous, action: { verb: "get", path: "/healthz" } },
      { allowed: false, reason: "no role" },
    ],
  ];
  for (const [what, policy, asked, verdict] of cases) {
    it(`allows ${what}`, () => {
      expect(decide({ ...NOBODY, ...policy }, asked as Parameters<typeof decide>[1])).toEqual(verdict);
    });
  }

  it("tells the hook the groups of the user", async () => {
    const asked: AccessRequest[] = [];
    const { server } = await world({
      users: [{ name: "alice", groups: ["team"] }],
      authorize: (request) => asked.push(request) > 0,
    });
    await exchange(server.transport("alice"), `GET ${CONFIG_MAPS}`);
    expect(asked[0]?.groups).toEqual(["team", "system:authenticated"]);
  });

  it("takes a known member of system:masters for a superuser", async () => {
    const users = [{ name: "root", groups: ["system:masters"] }];
    const { server } = await world({ users, authorize: () => false, authorization: "rbac" });
    expect((await exchange(server.transport("root"), `GET ${CONFIG_MAPS}`)).status).toBe(200);
  });

  const useless: [what: string, authorize: () => unknown, said: string][] = [
    ["a promise", async () => false, "returned a promise"],
    ["a promise that rejects", () => Promise.reject(new Error("too late")), "returned a promise"],
    ["nothing", () => {}, "returned undefined"],
    ["a text", () => "no", "returned a string"],
  ];
  for (const [what, authorize, said] of useless) {
    it(`fails what is asked where the hook gives ${what}: it would allow everything, or nothing`, async () => {
      const { server } = await world({ authorize: authorize as () => boolean });
      const { status, json } = await exchange(server.transport("alice"), `GET ${CONFIG_MAPS}`);
      expect([status, json.reason]).toEqual([500, "InternalError"]);
      expect(json.message).toContain(`the authorize hook ${said}; it must return true or false`);
    });
  }
});
