import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError, TransportError } from "../../../lib/kubernetes/errors.ts";
import { execLogin, readExecPlugin } from "../../../runtime/kubeconfig_exec.ts";
import type { CommandOptions, CommandResult } from "../../../runtime/run_command.ts";
import { certificateAuthority } from "../../fixtures/certificates.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";
import { rejection } from "../../fixtures/transport_contract/observe.ts";
import { fakeHost, invalidInput, parse } from "./kubeconfig_case.ts";

const V1 = "client.authentication.k8s.io/v1";
const SECRET = "s3cr3t";
const CLUSTER = { server: "https://prod", config: { audience: "a" } };
const fresh = { rejected: false };
const rejected = { rejected: true };

const pair = await (await certificateAuthority("test")).client({ commonName: "me" });

function entryOf(exec: object) {
  const user = { exec: { apiVersion: V1, command: "login", interactiveMode: "Never", ...exec } };
  return parse(JSON.stringify({ users: [{ name: "me", user }] })).users.get("me")!;
}

/** The output of a plugin that gives `status`. */
function output(status: object, apiVersion = V1): CommandResult {
  return { stdout: JSON.stringify({ apiVersion, kind: "ExecCredential", status }), exitCode: 0 };
}

/** A login by a plugin, of which a test says how each run ends. */
function scene(exec: object = {}) {
  const entry = entryOf(exec);
  const runs: (CommandOptions & { command: string })[] = [];
  const state: { now: number; next: (options: CommandOptions) => Promise<CommandResult> | CommandResult } = {
    now: 1_000_000,
    next: () => output({ token: `token-${runs.length}` }),
  };
  const clock = new FakeClock();
  const host = fakeHost({
    env: { PATH: "/bin", HOME: "/home/me" },
    clock,
    wallTime: () => state.now,
    async runCommand(command, options) {
      runs.push({ command, ...options });
      return state.next(options);
    },
  });
  const { credentials, clientCertificate } = execLogin(entry, {
    plugin: readExecPlugin(entry, () => CLUSTER),
    host,
  });
  const { headers, close } = credentials!;
  /** Lets commands run until what comes back says what the last one gave. */
  function hold(): (result: CommandResult) => void {
    let finish = (_: CommandResult) => {};
    state.next = () => new Promise((resolve) => (finish = resolve));
    return (result) => finish(result);
  }
  /** Asks for headers and does not wait for them; resolves with what the caller is told. */
  function giveUp(options: { rejected: boolean }): Promise<unknown> {
    const { signal, abort } = abortable();
    const gone = rejection(headers({ ...options, signal }));
    abort("enough");
    return gone;
  }
  return {
    ...{ runs, state, clock, headers, hold, giveUp },
    ...{ close: close!, clientCertificate: clientCertificate! },
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("readExecPlugin", () => {
  for (const { exec, field, says } of [
    { exec: { apiVersion: "client.authentication.k8s.io/v1alpha1" }, field: ".apiVersion", says: "must be" },
    { exec: { apiVersion: null }, field: ".apiVersion", says: "must be" },
    { exec: { command: "" }, field: ".command", says: "is missing" },
    { exec: { args: SECRET }, field: ".args", says: "must be a list" },
    { exec: { args: [[SECRET]] }, field: ".args[0]", says: "must be a string" },
    { exec: { env: [{ value: SECRET }] }, field: ".env[0].name", says: "is missing" },
    { exec: { env: [SECRET] }, field: ".env[0]", says: "must be a map" },
    { exec: { provideClusterInfo: SECRET }, field: ".provideClusterInfo", says: "true or false" },
    { exec: { interactiveMode: SECRET }, field: ".interactiveMode", says: "Never, IfAvailable or Always" },
    { exec: { interactiveMode: "Always" }, field: ".interactiveMode", says: "has no terminal here" },
    { exec: { interactiveMode: null }, field: ".interactiveMode", says: "is missing" },
  ]) {
    it(`refuses ${JSON.stringify(exec)}`, async () => {
      const error = await invalidInput(() => readExecPlugin(entryOf(exec), () => CLUSTER));
      expect(error.field).toBe(`users[0].user.exec${field}`);
      expect(error.message).toContain(`config: users[0] "me": user.exec${field} `);
      expect(error.message).toContain(says);
      expect(inspect(error, { showHidden: true })).not.toContain(SECRET);
    });
  }

  it("refuses what is no map", async () => {
    const entry = parse('{"users": [{"name": "me", "user": {"exec": "s3cr3t"}}]}').users.get("me")!;
    const error = await invalidInput(() => readExecPlugin(entry, () => CLUSTER));
    expect(error.message).toContain("user.exec must be a map");
  });

  it("takes a command with a path as relative to the kubeconfig, and another as it is", () => {
    for (const [command, expected] of [
      ["login", "login"],
      ["./login", "/etc/kube/login"],
      ["bin/login", "/etc/kube/bin/login"],
      ["/bin/login", "/bin/login"],
    ]) {
      expect(readExecPlugin(entryOf({ command }), () => CLUSTER).command).toBe(expected);
    }
  });

  it("looks at the cluster only for a plugin that asks for it", () => {
    const never = () => {
      throw new Error("nobody asked");
    };
    expect(readExecPlugin(entryOf({}), never).cluster).toBeUndefined();
  });

  it("needs no interactiveMode before v1", () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", interactiveMode: null };
    expect(readExecPlugin(entryOf(exec), () => CLUSTER).apiVersion).toBe(exec.apiVersion);
  });
});

describe("execLogin", () => {
  it("gives the command its arguments, its environment and what it is asked for", async () => {
    const { runs, headers } = scene({
      args: ["get", "0x10"],
      env: [{ name: "HOME", value: "/elsewhere" }, { name: "EMPTY" }],
    });
    expect(runs).toEqual([]);
    expect(await headers(fresh)).toEqual(bearer("token-1"));
    const { signal: _, env, ...run } = runs[0]!;
    expect(run).toEqual({ command: "login", args: ["get", "0x10"] });
    const { KUBERNETES_EXEC_INFO: info, ...rest } = env;
    expect(rest).toEqual({ PATH: "/bin", HOME: "/elsewhere", EMPTY: "" });
    expect(JSON.parse(info!)).toEqual({
      kind: "ExecCredential",
      apiVersion: V1,
      spec: { interactive: false },
    });
  });

  it("tells of the cluster where that is asked for", async () => {
    const { runs, headers } = scene({ provideClusterInfo: true });
    await headers(fresh);
    expect(JSON.parse(runs[0]!.env.KUBERNETES_EXEC_INFO!).spec.cluster).toEqual(CLUSTER);
  });

  it("keeps what has no end, until it is rejected", async () => {
    const { runs, state, headers } = scene();
    await headers(fresh);
    state.now *= 1000;
    expect(await headers(fresh)).toEqual(bearer("token-1"));
    expect(await headers(rejected)).toEqual(bearer("token-2"));
    expect(await headers(fresh)).toEqual(bearer("token-2"));
    expect(runs.length).toBe(2);
  });

  it("runs again after expirationTimestamp", async () => {
    const { state, headers } = scene();
    const expirationTimestamp = new Date(state.now + 1000).toISOString();
    state.next = () => output({ token: "short", expirationTimestamp });
    await headers(fresh);
    state.next = () => output({ token: "next" });
    state.now += 1000;
    expect(await headers(fresh)).toEqual(bearer("short"));
    state.now += 1;
    expect(await headers(fresh)).toEqual(bearer("next"));
  });

  it("runs once for all who wait", async () => {
    const { runs, headers, hold } = scene();
    const finish = hold();
    const first = Promise.all([headers(fresh), headers(fresh)]);
    await settle();
    finish(output({ token: "one" }));
    expect(await first).toEqual([bearer("one"), bearer("one")]);
    const second = Promise.all([headers(rejected), headers(fresh), headers(rejected)]);
    await settle();
    finish(output({ token: "two" }));
    expect(await second).toEqual([bearer("two"), bearer("two"), bearer("two")]);
    expect(runs.length).toBe(2);
  });

  it("gives the certificate that belongs to the headers, the same object until the next run", async () => {
    const { state, headers, clientCertificate } = scene();
    expect(await clientCertificate()).toBeUndefined();
    state.next = () => output({ clientCertificateData: pair.cert, clientKeyData: pair.key });
    expect(await headers(fresh)).toEqual({});
    const certificate = await clientCertificate();
    expect(certificate).toEqual(pair);
    await headers(fresh);
    expect(await clientCertificate()).toBe(certificate);
    state.next = () => output({ token: "t" });
    await headers(rejected);
    expect(await clientCertificate()).toBeUndefined();
  });

  it("ends a command that hangs, and runs it again when it is asked again", async () => {
    const { runs, state, clock, headers } = scene({ args: [SECRET] });
    state.next = hanging;
    const failed = rejection(headers(fresh));
    await clock.advance(59_999);
    expect(runs[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    const error = await failed;
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toContain("user.exec did not end within 60 s");
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(SECRET);
    expect(clock.pending).toBe(0);
    state.next = () => output({ token: "again" });
    expect(await headers(fresh)).toEqual(bearer("again"));
    expect(clock.pending).toBe(0);
  });

  it("lets a command go on when nobody waits for it any more, for those who ask later", async () => {
    const { runs, clock, headers, hold, giveUp } = scene();
    const finish = hold();
    expect(await giveUp(fresh)).toBe("enough");
    await clock.advance(59_000);
    const joined = headers(fresh);
    finish(output({ token: "slow" }));
    expect(await joined).toEqual(bearer("slow"));
    expect(await headers(fresh)).toEqual(bearer("slow"));
    expect(runs.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("keeps what a command gave while nobody waited", async () => {
    const { runs, headers, hold, giveUp } = scene();
    const finish = hold();
    await giveUp(fresh);
    finish(output({ token: "slow" }));
    await settle();
    expect(await headers(fresh)).toEqual(bearer("slow"));
    expect(runs.length).toBe(1);
  });

  it("a rejection is of what was given, not of what a command gave while nobody waited", async () => {
    const { runs, state, headers, clientCertificate, hold, giveUp } = scene();
    state.next = () => output({ clientCertificateData: pair.cert, clientKeyData: pair.key });
    await headers(fresh);
    const finish = hold();
    await giveUp(rejected);
    finish(output({ token: "unseen" }));
    await settle();
    expect(await clientCertificate()).toEqual(pair);
    expect(await headers(rejected)).toEqual(bearer("unseen"));
    expect(await clientCertificate()).toBeUndefined();
    expect(runs.length).toBe(2);
  });

  it("runs a command that failed while nobody waited again", async () => {
    const { state, headers, hold, giveUp } = scene();
    const finish = hold();
    await giveUp(fresh);
    finish({ stdout: "", exitCode: 1 });
    await settle();
    state.next = () => output({ token: "again" });
    expect(await headers(fresh)).toEqual(bearer("again"));
  });

  it("ends the command when the transport is closed", async () => {
    const { runs, state, clock, close, giveUp } = scene();
    state.next = hanging;
    await giveUp(fresh);
    expect(runs[0]?.signal.aborted).toBe(false);
    close();
    expect(runs[0]?.signal.aborted).toBe(true);
    await settle();
    expect(clock.pending).toBe(0);
  });

  const failures: { name: string; next: () => CommandResult; says: string }[] = [
    { name: "fails", next: () => ({ stdout: SECRET, exitCode: 3 }), says: "failed with exit code 3" },
    { name: "is killed", next: () => ({ stdout: SECRET, exitCode: null }), says: "was killed" },
    { name: "writes no JSON", next: () => ({ stdout: SECRET, exitCode: 0 }), says: "wrote no valid" },
    { name: "writes nothing", next: () => ({ stdout: "", exitCode: 0 }), says: "wrote no valid" },
    {
      name: "writes another kind",
      next: () => ({ stdout: JSON.stringify({ apiVersion: V1, kind: SECRET, status: {} }), exitCode: 0 }),
      says: "(its kind is wrong)",
    },
    {
      name: "writes another apiVersion",
      next: () => output({ token: SECRET }, "client.authentication.k8s.io/v1beta1"),
      says: `another apiVersion than the kubeconfig's ${V1}`,
    },
    { name: "gives nothing", next: () => output({}), says: "neither a token nor a client certificate" },
    { name: "gives a number", next: () => output({ token: 5 }), says: "(its status.token is wrong)" },
    { name: "gives two tokens", next: () => output({ token: `a ${SECRET}` }), says: "no header can carry" },
    {
      name: "gives no time",
      next: () => output({ token: SECRET, expirationTimestamp: SECRET }),
      says: "(its status.expirationTimestamp is wrong)",
    },
    {
      name: "gives half a pair",
      next: () => output({ clientKeyData: SECRET }),
      says: "but not both",
    },
    {
      name: "gives a broken certificate",
      next: () => output({ clientCertificateData: SECRET, clientKeyData: pair.key }),
      says: "gave a client certificate that holds no certificate",
    },
    {
      name: "gives a broken key",
      next: () => output({ clientCertificateData: pair.cert, clientKeyData: SECRET }),
      says: "gave a client key that holds no unencrypted private key",
    },
  ];
  for (const { name, next, says } of failures) {
    it(`a command that ${name} is an error that shows no secret, and is run again`, async () => {
      const { state, headers } = scene({ args: [SECRET], env: [{ name: "A", value: SECRET }] });
      state.next = next;
      const error = await rejection(headers(fresh));
      expect(error).toBeInstanceOf(TransportError);
      expect(error.message).toContain('Cannot use kubeconfig config: users[0] "me": user.exec ');
      expect(error.message).toContain(says);
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(SECRET);
      state.next = () => output({ token: "better" });
      expect(await headers(fresh)).toEqual(bearer("better"));
    });
  }

  it("a command that is missing is an error that says how to get it", async () => {
    const { state, headers } = scene({ installHint: "Run\n\u001b[31minstall me\u001b[0m", args: [SECRET] });
    state.next = () => {
      throw Object.assign(new Error(`spawn ${SECRET}`), { code: "ENOENT", spawnargs: [SECRET] });
    };
    const error = await rejection(headers(fresh));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).field).toBe("users[0].user.exec.command");
    expect(error.message).toContain(
      "user.exec.command cannot be run (ENOENT); its installHint says: Run [31minstall me [0m",
    );
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(SECRET);
  });

  it("a run that fails after a rejection leaves the rejected token unused", async () => {
    const { state, headers } = scene();
    await headers(fresh);
    state.next = () => ({ stdout: "", exitCode: 1 });
    await rejection(headers(rejected));
    expect(await rejection(headers(fresh))).toBeInstanceOf(TransportError);
  });
});

function abortable(): { signal: AbortSignal; abort: (reason: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

/** A command that ends only when it is killed. */
function hanging({ signal }: CommandOptions): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
