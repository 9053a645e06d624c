import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { parse } from "yaml";
import { writeKubeconfig } from "../../../cli/kubeconfig_file.ts";

describe("writeKubeconfig", () => {
  const server = "http://127.0.0.1:8080";
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kdw-test-"));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("writes a file of its own, for its owner alone, and takes it away with its folder", async () => {
    const { path, remove } = await writeKubeconfig(server, { path: undefined });
    const config = parse(await readFile(path, "utf8"));
    expect(config["current-context"]).toBe("kdw");
    expect(config.clusters[0].cluster).toEqual({ server, "insecure-skip-tls-verify": true });
    expect(config.contexts[0].context.namespace).toBe("default");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await remove();
    expect(existsSync(dirname(path))).toBe(false);
  });

  it("writes where it is told, again and again, and leaves it there", async () => {
    const path = join(folder, "kubeconfig");
    await (await writeKubeconfig("http://127.0.0.1:1", { path })).remove();
    const { remove } = await writeKubeconfig(server, { path });
    await remove();
    expect(await readFile(path, "utf8")).toContain(server);
  });

  it("does not overwrite what it did not write", async () => {
    const path = join(folder, "config");
    await writeFile(path, "apiVersion: v1\nkind: Config\n");
    await expect(writeKubeconfig(server, { path })).rejects.toThrow("it is there already");
    expect(await readFile(path, "utf8")).toBe("apiVersion: v1\nkind: Config\n");
  });

  it("rejects where it cannot write", async () => {
    const path = join(folder, "no", "such", "folder");
    await expect(writeKubeconfig(server, { path })).rejects.toThrow("ENOENT");
    await expect(writeKubeconfig(server, { path: folder })).rejects.toThrow("EISDIR");
  });
});
