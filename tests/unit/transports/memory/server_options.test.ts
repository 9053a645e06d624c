import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { type MemoryApiServerOptions, memoryApiServer } from "../../../../transports/memory/mod.ts";
import { caught } from "../../../fixtures/caught.ts";

const refused: [options: unknown, field: string, problem: string][] = [
  [null, "options", "they must be an object"],
  [{ historyLimits: 1 }, "historyLimits", "there is no such option; there are clock, wallClock, random,"],
  [{ authorization: "RBAC" }, "authorization", 'it must be "rbac", or left out'],
  [{ historyLimit: -1 }, "historyLimit", "it must be a whole number, 0 or more"],
  [{ historyLimit: 1.5 }, "historyLimit", "it must be a whole number, 0 or more"],
  [{ clock: { now: () => 0 } }, "clock", "it must be an object with now(), setTimeout()"],
  [{ wallClock: new Date(0) }, "wallClock", "it must be a function"],
  [{ random: 0.5 }, "random", "it must be a function"],
  [{ admit: true }, "admit", "it must be a function"],
  [{ authorize: "rbac" }, "authorize", "it must be a function"],
  [
    { features: { watchLists: false } },
    "features.watchLists",
    "there is no such option; there are watchList",
  ],
  [{ features: { watchList: "no" } }, "features.watchList", "it must be true or false"],
  [{ users: { name: "alice" } }, "users", "it must be a list of users"],
  [{ users: ["alice"] }, "users.0", "it must be an object with a name"],
  [{ users: [{ token: "secret" }] }, "users.0.name", "it is required"],
  [{ users: [{ name: "alice", token: "" }] }, "users.0.token", "it must be a text that is not empty"],
  [
    { users: [{ name: "alice", group: "x" }] },
    "users.0.group",
    "there is no such option; there are name, token",
  ],
  [{ users: [{ name: "alice", groups: "x" }] }, "users.0.groups", "it must be a list of names"],
];

describe("the options of memoryApiServer", () => {
  for (const [options, field, problem] of refused) {
    it(`are refused where ${JSON.stringify(options)} is given`, () => {
      const error = caught(() => memoryApiServer(options as MemoryApiServerOptions));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect((error as Error).message).toContain(`Cannot make an API server: ${field}: ${problem}`);
    });
  }

  it("may be left out, one by one", () => {
    const names = ["clock", "wallClock", "random", "historyLimit", "users", "authorization", "admit"];
    const options = Object.fromEntries([...names, "authorize", "features"].map((name) => [name, undefined]));
    expect(memoryApiServer(options as MemoryApiServerOptions).openWatches).toBe(0);
  });

  it("never shows a token", () => {
    const users = [{ name: "", token: "secret" }];
    expect(String(caught(() => memoryApiServer({ users })))).not.toContain("secret");
  });
});
