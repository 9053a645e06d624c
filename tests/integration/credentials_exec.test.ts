import { chmod, rename } from "node:fs/promises";
import process from "node:process";
import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { InvalidInputError, TransportError } from "../../lib/kubernetes/errors.ts";
import { DynamicWatcher } from "../../mod.ts";
import { until } from "../fixtures/control_plane.ts";
import { credentialsWorld, V1, whoAmI } from "../fixtures/credentials_world.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { startTcpRelay } from "../fixtures/tcp_relay.ts";
import { inspectAll, rejection } from "../fixtures/transport_contract/observe.ts";

const V1_BETA_1 = "client.authentication.k8s.io/v1beta1";

describeReal("exec plugins on the API server", () => {
  const world = credentialsWorld(async () => ({ users: [{ name: "jane" }, { name: "john" }] }));

  function token(user: string): string {
    return world.controlPlane.token(user);
  }

  it("a token is asked for once, and by each apiVersion", async () => {
    for (const apiVersion of [V1, V1_BETA_1]) {
      await world.answer({ token: token("jane") }, apiVersion);
      const runsBefore = (await world.runs()).length;
      const transport = await world.connect({
        user: {
          exec: world.plugin({ apiVersion, env: [{ name: "PLUGIN_NOTE", value: "a note" }] }),
        },
      });
      expect((await world.runs()).length).toBe(runsBefore);
      const answers = await Promise.all([1, 2, 3].map(() => whoAmI(transport)));
      for (const answer of answers) expect(answer).toMatchObject({ username: "jane" });
      expect(await whoAmI(transport)).toMatchObject({ username: "jane" });
      const [run, ...more] = (await world.runs()).slice(runsBefore);
      expect(more).toEqual([]);
      expect(run).toMatchObject({
        info: { apiVersion, kind: "ExecCredential", spec: { interactive: false } },
        note: "a note",
      });
      expect(run?.info.spec.cluster).toBeUndefined();
    }
  });

  it("the plugin is told of the cluster when it asks", async () => {
    await world.answer({ token: token("jane") });
    const config = { audience: "a", level: 3, open: true };
    const transport = await world.connect({
      user: { exec: world.plugin({ provideClusterInfo: true }) },
      cluster: {
        extensions: [
          { name: "other", extension: 1 },
          { name: "client.authentication.k8s.io/exec", extension: config },
        ],
      },
    });
    await whoAmI(transport);
    const [run] = await world.runs();
    expect(run?.info.spec.cluster).toEqual({
      server: world.controlPlane.server,
      "certificate-authority-data": btoa(world.controlPlane.ca),
      config,
    });
  });

  it("a client certificate logs in, alone and beside a token", async () => {
    const { cert, key } = await world.controlPlane.clientCertificate({
      commonName: "carol",
      organizations: ["team"],
    });
    await world.answer({ clientCertificateData: cert, clientKeyData: key });
    const transport = await world.connect({ user: { exec: world.plugin() } });
    expect(await whoAmI(transport)).toMatchObject({
      username: "carol",
      groups: ["team", "system:authenticated"],
    });
    await world.answer({ clientCertificateData: cert, clientKeyData: key, token: token("jane") });
    // The API server looks at certificates first.
    expect(await whoAmI(await world.connect({ user: { exec: world.plugin() } }))).toMatchObject({
      username: "carol",
    });
  });

  it("runs again when what it gave has expired, and the new certificate is used", async () => {
    let now = Date.now();
    const [carol, dave] = await Promise.all(
      ["carol", "dave"].map((commonName) => world.controlPlane.clientCertificate({ commonName })),
    );
    await world.answer({
      clientCertificateData: carol?.cert,
      clientKeyData: carol?.key,
      expirationTimestamp: new Date(now + 60_000).toISOString(),
    });
    const transport = await world.connect({
      user: { exec: world.plugin() },
      host: { wallTime: () => now },
    });
    expect(await whoAmI(transport)).toMatchObject({ username: "carol" });
    await world.answer({ clientCertificateData: dave?.cert, clientKeyData: dave?.key });
    now += 60_000;
    expect(await whoAmI(transport)).toMatchObject({ username: "carol" });
    now += 1;
    expect(await whoAmI(transport)).toMatchObject({ username: "dave" });
    expect((await world.runs()).length).toBe(2);
  });

  it("runs once more for all requests that the API server has refused", async () => {
    await world.answer({ token: "stale" });
    const transport = await world.connect({ user: { exec: world.plugin() } });
    expect(await whoAmI(transport)).toBe(401);
    expect((await world.runs()).length).toBe(2);
    await world.answer({ token: token("john") });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => whoAmI(transport)));
    for (const answer of answers) expect(answer).toMatchObject({ username: "john" });
    expect((await world.runs()).length).toBe(3);
  });

  it("a plugin that fails, or is not there, is an error without a secret, and later ones may succeed", async () => {
    const exec = { env: [{ name: "PLUGIN_NOTE", value: "s3cr3t" }] };
    const transport = await world.connect({ user: { exec: world.plugin(exec) } });
    await world.answer({ token: "s3cr3t" });
    await world.write("exit", "3");
    const failed = await rejection(whoAmI(transport));
    expect(failed).toBeInstanceOf(TransportError);
    expect(failed.message).toContain('users[0] "u": user.exec failed with exit code 3');
    await world.write("exit", "0");
    await world.answer({ token: token("jane") });
    expect(await whoAmI(transport)).toMatchObject({ username: "jane" });

    const command = "no-such-plugin";
    const hint = { ...exec, command, args: ["s3cr3t"], installHint: "get it from the vendor" };
    const missing = await rejection(whoAmI(await world.connect({ user: { exec: world.plugin(hint) } })));
    expect(missing).toBeInstanceOf(InvalidInputError);
    expect((missing as InvalidInputError).field).toBe("users[0].user.exec.command");
    expect(missing.message).toContain("cannot be run (ENOENT); its installHint says: get it from the vendor");
    expect(inspectAll([failed, missing, transport])).not.toContain("s3cr3t");
  });

  it("a plugin that hangs goes on without its requests, and ends with the transport", async () => {
    await world.write("hang", "");
    const transport = await world.connect({ user: { exec: world.plugin() } });
    const controllers = [new AbortController(), new AbortController()];
    const requests = controllers.map(({ signal }) =>
      rejection(transport.request({ method: "GET", path: "/version", signal })),
    );
    await until(async () => (await world.runs()).length === 1, { what: "the plugin to run" });
    for (const controller of controllers) controller.abort("enough");
    expect(await Promise.all(requests)).toEqual(["enough", "enough"]);

    const closed = rejection(whoAmI(transport));
    const runs = await world.runs();
    expect(runs.map(({ pid }) => isAlive(pid))).toEqual([true]);
    await transport.close();
    expect(await closed).toBeInstanceOf(TransportError);
    for (const { pid } of runs) await until(() => !isAlive(pid), { what: "the plugin to end" });
  });

  it("a DynamicWatcher goes on when the plugin is well again", async () => {
    const { controlPlane } = world;
    let now = Date.now();
    const { args } = world.plugin() as { args: readonly string[] };
    await world.write("login", `#!/bin/sh\nexec node '${args.join("' '")}'\n`);
    await chmod(world.file("login"), 0o755);
    await world.answer({
      token: token("jane"),
      expirationTimestamp: new Date(now).toISOString(),
    });
    const relay = await startTcpRelay(controlPlane.server);
    const transport = await world.connect({
      user: { exec: world.plugin({ command: world.file("login"), args: [] }) },
      cluster: { server: relay.url },
      host: { wallTime: () => now },
    });
    const namespace = await controlPlane.createNamespace();
    await controlPlane.grant("jane", { resources: ["configmaps"], verbs: ["list", "watch"], namespace });
    const watched = { version: "v1", kind: "ConfigMap", namespace, name: "seen" };
    const errors: string[] = [];
    let reconciled = 0;
    const dynamicWatcher = new DynamicWatcher({
      transport,
      reconcile: () => void reconciled++,
      logger: false,
    });
    dynamicWatcher.addEventListener("stream", ({ state }) => {
      if (state.state === "retrying") errors.push(state.error.message);
    });
    await dynamicWatcher.start();
    try {
      await dynamicWatcher.addWatcher(watched, watched);
      const failures = {
        "user.exec failed with exit code 3": {
          begin: () => world.write("exit", "3"),
          end: () => world.write("exit", "0"),
        },
        "user.exec.command cannot be run (ENOENT)": {
          begin: () => rename(world.file("login"), world.file("gone")),
          end: () => rename(world.file("gone"), world.file("login")),
        },
      };
      for (const [problem, { begin, end }] of Object.entries(failures)) {
        await begin();
        now += 1;
        relay.cut();
        await until(() => errors.some((message) => message.includes(problem)), { what: problem });
        await end();
      }
      await controlPlane.call("POST", `/api/v1/namespaces/${namespace}/configmaps`, {
        body: { metadata: { name: "seen" } },
      });
      await until(() => reconciled > 0, { what: "the change to be seen" });
    } finally {
      await dynamicWatcher.stop();
      await relay.refuse();
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
