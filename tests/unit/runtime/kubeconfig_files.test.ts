import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { expect } from "@std/expect";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type KubeconfigChoice, loadKubeconfig } from "../../../runtime/kubeconfig_files.ts";
import { invalidInput } from "./kubeconfig_case.ts";

describe("loadKubeconfig", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
    await mkdir(join(folder, "sub"));
    await mkdir(join(folder, "home", ".kube"), { recursive: true });
    await writeFile(join(folder, "a"), "current-context: ''\nusers: [{name: me, user: {token: a}}]");
    await writeFile(join(folder, "sub", "b"), "current-context: b\nusers: [{name: me}, {name: you}]");
    await writeFile(join(folder, "home", ".kube", "config"), "current-context: home");
    await writeFile(join(folder, "broken"), "users: {}");
  });
  afterAll(() => rm(folder, { recursive: true }));

  function load(
    choice: KubeconfigChoice,
    { KUBECONFIG, home = "home" }: { KUBECONFIG?: string; home?: string } = {},
  ) {
    return loadKubeconfig(choice, { env: { KUBECONFIG }, home: join(folder, home) });
  }
  function list(...names: string[]): string {
    return names.map((name) => name && join(folder, name)).join(delimiter);
  }

  it("merges the files of the KUBECONFIG list, without those that are missing or empty", async () => {
    const config = await load(
      {},
      { KUBECONFIG: list("", "nowhere", "a", "a/under-a-file", "", "sub/b", "") },
    );
    expect(config?.sources).toEqual([join(folder, "a"), join(folder, "sub", "b")]);
    expect(config?.currentContext).toBe("b");
    expect(config?.users.get("me")?.fields.token).toBe("a");
    expect([...(config?.users.keys() ?? [])]).toEqual(["me", "you"]);
  });

  it("resolves relative paths against the file that says them", async () => {
    const users = (await load({}, { KUBECONFIG: list("a", "sub/b") }))?.users;
    expect(users?.get("me")?.source.resolvePath("tls/x")).toBe(join(folder, "tls", "x"));
    expect(users?.get("you")?.source.resolvePath("../x")).toBe(join(folder, "x"));
    expect(users?.get("you")?.source.resolvePath(join(folder, "abs"))).toBe(join(folder, "abs"));
  });

  it("takes a path before the environment", async () => {
    const config = await load({ kubeconfig: join(folder, "sub", "b") }, { KUBECONFIG: list("a") });
    expect(config?.sources).toEqual([join(folder, "sub", "b")]);
  });

  it("takes a text, whose paths are relative to the working directory", async () => {
    const config = await load({ kubeconfigText: "users: [{name: t}]" }, { KUBECONFIG: list("a") });
    expect(config?.users.get("t")?.source.resolvePath("x")).toBe(resolve("x"));
  });

  it("asks for the home directory only where nothing else is said", async () => {
    const host = (KUBECONFIG: string) => ({
      env: { KUBECONFIG },
      get home(): string {
        throw new Error("nobody may ask");
      },
    });
    const path = join(folder, "a");
    for (const config of [
      await loadKubeconfig({ kubeconfigText: "" }, host("")),
      await loadKubeconfig({ kubeconfig: path }, host("")),
      await loadKubeconfig({}, host(path)),
    ]) {
      expect(config?.contexts.size).toBe(0);
    }
  });

  it("takes an empty text as an empty kubeconfig, and not as none", async () => {
    expect((await load({ kubeconfigText: "" }))?.contexts.size).toBe(0);
  });

  for (const KUBECONFIG of [undefined, "", delimiter]) {
    it(`takes ~/.kube/config when KUBECONFIG is ${JSON.stringify(KUBECONFIG)}`, async () => {
      const environment = KUBECONFIG === undefined ? {} : { KUBECONFIG };
      expect((await load({}, environment))?.currentContext).toBe("home");
      expect(await load({}, { ...environment, home: "nobody" })).toBeUndefined();
    });
  }

  for (const { name, choice, KUBECONFIG, field, says } of [
    {
      name: "a path that does not exist",
      choice: { kubeconfig: "nowhere" },
      field: "kubeconfig",
      says: "no such file",
    },
    {
      name: "a list of which nothing exists",
      KUBECONFIG: ["x", "y"],
      field: "KUBECONFIG",
      says: "no such file",
    },
    { name: "a folder", KUBECONFIG: ["a", "sub"], field: "kubeconfig", says: "EISDIR" },
    {
      name: "a broken file",
      KUBECONFIG: ["a", "broken"],
      field: "users",
      says: "broken: users must be a list",
    },
    {
      name: "a path and a text",
      choice: { kubeconfig: "a", kubeconfigText: "" },
      field: "kubeconfigText",
      says: "not both",
    },
  ]) {
    it(`refuses ${name}`, async () => {
      const error = await invalidInput(() =>
        load(choice ?? {}, KUBECONFIG ? { KUBECONFIG: list(...KUBECONFIG) } : {}),
      );
      expect(error.field).toBe(field);
      expect(error.message).toContain(says);
    });
  }
});
