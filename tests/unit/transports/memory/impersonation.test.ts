import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { exchange, world } from "./exchange.ts";

const WHO = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews";

describe("impersonated", () => {
  it("takes several groups, by several headers or one", async () => {
    const { send } = await world();
    for (const groups of [["a", "b"], "a, b"]) {
      const headers = { "Impersonate-User": "carol", "Impersonate-Group": groups };
      const { json } = await send(WHO, { body: {}, headers });
      expect(json.status).toEqual({
        userInfo: { username: "carol", groups: ["a", "b", "system:authenticated"] },
      });
    }
  });

  it("of one of several groups that may not be is a 403 about that one", async () => {
    const asked: string[] = [];
    const { server } = await world({
      authorize: ({ verb, group, resource, name }) => {
        asked.push([verb, group, resource, name].join(" "));
        return name !== "b";
      },
    });
    const headers = {
      "impersonate-user": "carol",
      "impersonate-uid": "7",
      "impersonate-group": ["a", "b"],
    };
    const { status, json } = await exchange(server.transport("alice"), WHO, { body: {}, headers });
    expect([status, json.details]).toEqual([403, { name: "b", kind: "groups" }]);
    expect(asked).toEqual(["impersonate  users carol", "impersonate  groups a", "impersonate  groups b"]);
  });

  it("of a uid without a user is a 400", async () => {
    const { send } = await world();
    const { status, json } = await send(WHO, { body: {}, headers: { "impersonate-uid": "7" } });
    expect([status, json.message]).toEqual([400, "requested [{UID  7    }] without impersonating a user"]);
  });
});
