import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "@std/expect";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { certificateAuthority } from "../fixtures/certificates.ts";
import {
  type ControlPlane,
  controlPlaneAssets,
  startControlPlane,
  until,
} from "../fixtures/control_plane.ts";
import { etcdFlags } from "../fixtures/control_plane_flags.ts";
import { freePort } from "../fixtures/control_plane_ports.ts";
import { describeReal } from "../fixtures/describe_real.ts";

describeReal("a control plane", () => {
  let controlPlane: ControlPlane;
  let namespace: string;

  beforeAll(async () => {
    controlPlane = await startControlPlane({ users: [{ name: "alice", groups: ["team"] }] });
    namespace = await controlPlane.createNamespace();
  });
  afterAll(() => controlPlane?.stop());

  it("lists namespaces for the admin", async () => {
    const { items } = await controlPlane.call("GET", "/api/v1/namespaces");
    const names = items.map(({ metadata }) => metadata.name);
    expect(names).toContain("default");
    expect(names).toContain(namespace);
  });

  it("knows a user by token and by client certificate", async () => {
    const certificate = await controlPlane.clientCertificate({
      commonName: "bob",
      organizations: ["a", "b"],
    });
    const cases = [
      { user: "alice", username: "alice", group: "team" },
      { user: { token: controlPlane.token("alice") }, username: "alice", group: "team" },
      { user: certificate, username: "bob", group: "b" },
    ];
    for (const { user, username, group } of cases) {
      const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      const { status } = await controlPlane.call("POST", path, { user, body: {} });
      const { userInfo } = status as { userInfo: { username: string; groups: string[] } };
      expect(userInfo.username).toBe(username);
      expect(userInfo.groups).toContain(group);
    }
  });

  it("refuses an unknown token and a client certificate of another authority", async () => {
    const stranger = await certificateAuthority("stranger");
    const certificate = await stranger.client({ commonName: "admin", organizations: ["system:masters"] });
    for (const user of [{ token: "unknown" }, certificate]) {
      expect((await controlPlane.request("GET", "/api", { user })).status).toBe(401);
    }
  });

  it("allows what was granted until it is revoked", async () => {
    for (const scope of [{}, { namespace }]) {
      async function status(): Promise<number> {
        const path = `/api/v1/namespaces/${namespace}/configmaps`;
        return (await controlPlane.request("GET", path, { user: "alice" })).status;
      }
      expect(await status()).toBe(403);
      const grant = await controlPlane.grant("alice", {
        resources: ["configmaps"],
        verbs: ["list"],
        ...scope,
      });
      expect(await status()).toBe(200);
      await controlPlane.revoke(grant);
      expect(await status()).toBe(403);
    }
  });

  it("writes the admin's kubeconfig", async () => {
    expect(await readFile(controlPlane.kubeconfigPath, "utf8")).toBe(controlPlane.kubeconfigText());
  });

  it("keeps its data, users and address when the API server is killed and starts again", async () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const made = await controlPlane.call("POST", path, { body: { metadata: { name: "kept" } } });
    await controlPlane.grant("alice", { resources: ["configmaps"], verbs: ["get"], namespace });
    await controlPlane.stopApiServer({ signal: "SIGKILL" });
    await expect(controlPlane.request("GET", "/readyz")).rejects.toThrow("ECONNREFUSED");
    await controlPlane.startApiServer();
    const found = await controlPlane.call("GET", `${path}/kept`, { user: "alice" });
    expect(found.metadata.uid).toBe(made.metadata.uid);
    const patched = await controlPlane.call("PATCH", `${path}/kept`, { body: { data: { key: "value" } } });
    expect(patched.data).toEqual({ key: "value" });
  });

  it("keeps its data when etcd is killed and starts again", async () => {
    await controlPlane.stopEtcd();
    await controlPlane.startEtcd();
    const { metadata } = await controlPlane.call("GET", `/api/v1/namespaces/${namespace}`);
    expect(metadata.name).toBe(namespace);
  });

  it("changes its authority and certificates without a restart", async () => {
    const [ca, former] = [controlPlane.ca, controlPlane.admin];
    await controlPlane.addAuthority();
    expect(controlPlane.ca.startsWith(ca)).toBe(true);
    const renewed = await controlPlane.clientCertificate({ commonName: "bob" });
    for (const user of [former, renewed, "alice"]) {
      expect((await controlPlane.request("GET", "/version", { user })).status).toBe(200);
    }
    await controlPlane.renewCertificates();
    expect(controlPlane.ca).not.toContain(ca);
    const statuses = [former, renewed, controlPlane.admin, "alice"].map((user) =>
      controlPlane.request("GET", "/version", { user }).then(({ status }) => status),
    );
    expect(await Promise.all(statuses)).toEqual([401, 200, 200, 200]);
  });

  it("forgets old versions when it is compacted", async () => {
    // Events, as they alone are read from etcd and not from the server's cache.
    const path = "/api/v1/events?resourceVersionMatch=Exact&resourceVersion=";
    const { metadata } = await controlPlane.call("GET", "/api/v1/events");
    await controlPlane.createNamespace();
    expect((await controlPlane.request("GET", path + metadata.resourceVersion)).status).toBe(200);
    await controlPlane.compact();
    expect((await controlPlane.request("GET", path + metadata.resourceVersion)).status).toBe(410);
  });
});

describeReal("startControlPlane", () => {
  it("takes flags of the API server, and leaves nothing after stop()", async () => {
    const controlPlane = await startControlPlane({ apiServerFlags: ["--feature-gates=WatchList=false"] });
    try {
      const path = "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
      expect((await controlPlane.request("GET", path)).status).toBe(422);
      expect(controlPlane.pids.map(isAlive)).toEqual([true, true, true]);
    } finally {
      const { pids } = controlPlane;
      await controlPlane.stop();
      expect(pids.filter(isAlive)).toEqual([]);
      expect(existsSync(controlPlane.kubeconfigPath)).toBe(false);
    }
  });

  it("says what the API server wrote when it does not start", async () => {
    await expect(startControlPlane({ apiServerFlags: ["--no-such-flag"] })).rejects.toThrow(
      "unknown flag: --no-such-flag",
    );
  });
});

describeReal("the supervisor", () => {
  const supervisor = fileURLToPath(new URL("../fixtures/control_plane_supervisor.mjs", import.meta.url));
  // What the fixture does, in plain JavaScript, which every Node runs: it starts one process and waits.
  const script = `
    import { fork } from "node:child_process";
    const [supervisor, command, ...args] = process.argv.slice(1);
    const child = fork(supervisor, [], { execArgv: [], detached: true });
    child.on("message", (message) => console.log(JSON.stringify(message)));
    child.send({ start: { name: "etcd", command, args } });
  `;

  it("ends its processes and removes their folder when its parent is killed", async () => {
    const [url, peerUrl] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    const flags = etcdFlags({ url, peerUrl });
    const command = join(controlPlaneAssets()!, "etcd");
    const parent = spawn(
      process.execPath,
      ["--input-type=module", "-e", script, supervisor, command, ...flags],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
    const { directory } = JSON.parse((await lines.next()).value!);
    const { value: pid } = JSON.parse((await lines.next()).value!);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(directory)).toBe(true);

    parent.kill("SIGKILL");
    await once(parent, "exit");
    await until(() => !isAlive(pid), { what: "the end of etcd" });
    await until(() => !existsSync(directory), { what: "the end of its folder" });
  });
});

describe("controlPlaneAssets", () => {
  const before = process.env.KUBEBUILDER_ASSETS;
  afterAll(() => {
    delete process.env.KUBEBUILDER_ASSETS;
    if (before !== undefined) process.env.KUBEBUILDER_ASSETS = before;
  });

  it("does not look elsewhere when KUBEBUILDER_ASSETS names a folder without the binaries", () => {
    process.env.KUBEBUILDER_ASSETS = "/nowhere";
    expect(() => controlPlaneAssets()).toThrow("KUBEBUILDER_ASSETS is /nowhere, which lacks them");
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
