import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { credentialsWorld, whoAmI } from "../fixtures/credentials_world.ts";
import { describeReal } from "../fixtures/describe_real.ts";

describeReal("impersonation on the API server", () => {
  const world = credentialsWorld(async () => ({ users: [{ name: "nobody" }] }));

  function admin(): object {
    const { cert, key } = world.controlPlane.admin;
    return { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) };
  }

  it("a user of a kubeconfig is whom `as` names, with uid, groups and extra", async () => {
    const transport = await world.connect({
      user: {
        ...admin(),
        as: "jörg@example.com",
        "as-uid": "007",
        "as-groups": ["a, b", "développeurs"],
        "as-user-extra": { scopes: ["view", "edit, all"], "example.org/Grade%": ["é"] },
      },
    });
    expect(await whoAmI(transport)).toEqual({
      username: "jörg@example.com",
      uid: "007",
      groups: ["a, b", "développeurs", "system:authenticated"],
      extra: { scopes: ["view", "edit, all"], "example.org/grade%": ["é"] },
    });
  });

  it("the option goes before the kubeconfig", async () => {
    const transport = await world.connect({
      user: { ...admin(), as: "jane", "as-groups": ["g"] },
      options: { impersonate: { user: "system:serviceaccount:team:robot" } },
    });
    expect(await whoAmI(transport)).toMatchObject({
      username: "system:serviceaccount:team:robot",
      groups: ["system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated"],
    });
  });

  it("is refused to whom it is not allowed", async () => {
    const user = { token: world.controlPlane.token("nobody") };
    expect(await whoAmI(await world.connect({ user }))).toMatchObject({ username: "nobody" });
    expect(await whoAmI(await world.connect({ user: { ...user, as: "jane" } }))).toBe(403);
  });
});
