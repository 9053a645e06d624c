import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { thisHost } from "../../runtime/host.ts";
import { until } from "../fixtures/control_plane.ts";
import { credentialsWorld, whoAmI } from "../fixtures/credentials_world.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { FakeClock } from "../fixtures/fake_clock.ts";

const MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

describeReal("tokens on the API server", () => {
  const world = credentialsWorld();

  /** A service account of its own. */
  async function serviceAccount(): Promise<{ namespace: string; username: string }> {
    const namespace = await world.controlPlane.createNamespace();
    await world.controlPlane.call("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, {
      body: { metadata: { name: "robot" } },
    });
    return { namespace, username: `system:serviceaccount:${namespace}:robot` };
  }

  /** A token by TokenRequest, which ends with the Secret that it is bound to. */
  async function boundToken(namespace: string): Promise<{ token: string; end: () => Promise<void> }> {
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    const { metadata } = await world.controlPlane.call("POST", secrets, {
      body: { metadata: { generateName: "bound-" } },
    });
    const { status } = await world.controlPlane.call(
      "POST",
      `/api/v1/namespaces/${namespace}/serviceaccounts/robot/token`,
      {
        body: {
          spec: {
            expirationSeconds: 600,
            boundObjectRef: { apiVersion: "v1", kind: "Secret", name: metadata.name, uid: metadata.uid },
          },
        },
      },
    );
    const { token } = status as { token: string };
    return {
      token,
      async end() {
        await world.controlPlane.call("DELETE", `${secrets}/${metadata.name}`);
        await until(
          async () => (await world.controlPlane.request("GET", "/api", { user: { token } })).status === 401,
          { what: "the API server to refuse the token" },
        );
      },
    };
  }

  it("a token stands for its service account", async () => {
    const { namespace, username } = await serviceAccount();
    const { token } = await boundToken(namespace);
    expect(await whoAmI(await world.connect({ user: { token } }))).toMatchObject({ username });
    expect(await whoAmI(await world.connect({ user: { token: "nobody's" } }))).toBe(401);
  });

  it("a token file that was renewed is read again when the old token is refused", async () => {
    const [first, second] = await Promise.all([serviceAccount(), serviceAccount()]);
    const old = await boundToken(first.namespace);
    await world.write("token", old.token);
    const transport = await world.connect({ user: { tokenFile: world.file("token") } });
    expect(await whoAmI(transport)).toMatchObject({ username: first.username });

    await world.write("token", (await boundToken(second.namespace)).token);
    expect(await whoAmI(transport)).toMatchObject({ username: first.username });
    await old.end();
    expect(await whoAmI(transport)).toMatchObject({ username: second.username });
  });

  it("a pod's token is read again each minute", async () => {
    const [first, second] = await Promise.all([serviceAccount(), serviceAccount()]);
    const files: Record<string, string> = {
      [`${MOUNT}/ca.crt`]: world.controlPlane.ca,
      [`${MOUNT}/namespace`]: first.namespace,
      [`${MOUNT}/token`]: (await boundToken(first.namespace)).token,
    };
    const clock = new FakeClock();
    const transport = await world.open(
      {},
      {
        env: {
          KUBERNETES_SERVICE_HOST: "127.0.0.1",
          KUBERNETES_SERVICE_PORT: new URL(world.controlPlane.server).port,
        },
        home: world.file("home"),
        readFile: async (path) => files[path] ?? thisHost().readFile(path),
        clock,
      },
    );
    expect(await whoAmI(transport)).toMatchObject({ username: first.username });
    files[`${MOUNT}/token`] = (await boundToken(second.namespace)).token;
    await clock.advance(59_999);
    expect(await whoAmI(transport)).toMatchObject({ username: first.username });
    await clock.advance(1);
    expect(await whoAmI(transport)).toMatchObject({ username: second.username });
  });
});
