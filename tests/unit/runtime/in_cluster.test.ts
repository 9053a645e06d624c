import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { inClusterConnection } from "../../../runtime/in_cluster.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";
import { files, invalidInput } from "./kubeconfig_case.ts";

const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
const all = { [`${folder}/ca.crt`]: "CA", [`${folder}/token`]: "tok\n", [`${folder}/namespace`]: "team\n" };
const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };

function without(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).filter(([path]) => !names.some((name) => path.endsWith(name))),
  );
}

describe("inClusterConnection", () => {
  it("takes server, CA, token and namespace of the service account", async () => {
    const connection = await inClusterConnection({ env, readFile: files(all), clock: new FakeClock() });
    expect(connection).toMatchObject({
      server: "https://10.0.0.1:443",
      namespace: "team",
      tls: { ca: "CA" },
    });
    expect(await connection?.credentials?.headers({ rejected: false })).toEqual({
      authorization: "Bearer tok",
    });
  });

  it("puts brackets around an IPv6 host", async () => {
    const connection = await inClusterConnection({
      env: { ...env, KUBERNETES_SERVICE_HOST: "fd00::1" },
      readFile: files(all),
      clock: new FakeClock(),
    });
    expect(connection?.server).toBe("https://[fd00::1]:443");
  });

  it("falls back to the namespace default", async () => {
    const readFile = files(without("namespace"));
    const connection = await inClusterConnection({ env, readFile, clock: new FakeClock() });
    expect(connection?.namespace).toBe("default");
  });

  it("reads the token again each minute", async () => {
    const clock = new FakeClock();
    const contents = { ...all };
    const connection = await inClusterConnection({ env, readFile: files(contents), clock });
    contents[`${folder}/token`] = "new";
    await clock.advance(60_000);
    expect(await connection?.credentials?.headers({ rejected: false })).toEqual({
      authorization: "Bearer new",
    });
  });

  for (const name of ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"]) {
    it(`is undefined without ${name}`, async () => {
      const connection = inClusterConnection({
        env: { ...env, [name]: "" },
        readFile: files(all),
        clock: new FakeClock(),
      });
      expect(await connection).toBeUndefined();
    });
  }

  for (const { contents, file, says } of [
    { contents: without("token"), file: "token", says: "cannot be read" },
    { contents: without("ca.crt"), file: "ca.crt", says: "cannot be read" },
    { contents: { ...all, [`${folder}/token`]: "s3 cr3t" }, file: "token", says: "holds no token" },
  ]) {
    it(`refuses a service account whose ${file} ${says}`, async () => {
      const error = await invalidInput(() =>
        inClusterConnection({ env, readFile: files(contents), clock: new FakeClock() }),
      );
      expect(error.field).toBe(`${folder}/${file}`);
      expect(error.message).toContain(says);
      expect(inspect(error)).not.toContain("cr3t");
    });
  }
});
