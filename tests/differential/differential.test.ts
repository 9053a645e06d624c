import { expect } from "@std/expect";
import { afterAll, beforeAll, it } from "@std/testing/bdd";
import { describeReal } from "../fixtures/describe_real.ts";
import { brokenSubject } from "./broken_subject.ts";
import { failureText } from "./report.ts";
import { mostPassing, run } from "./run.ts";
import { type Servers, startServers } from "./servers.ts";

/** The same each time: other seeds are for those who look for differences, with `npm run differential`. */
const SEED = 20261122;

describeReal("Random sequences of requests, to the embedded API server and to a real kube-apiserver", () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers?.stop());

  it("are answered the same", async () => {
    const runs = 100;
    const { totals, failure } = await run(servers, { runs, seed: SEED });
    console.log([`seed ${SEED}`, ...totals.lines()].join("\n"));
    expect(failure && failureText(failure)).toBe(undefined);
    expect(totals.requests).toBeGreaterThan(1999);
    expect(totals.passing.length).not.toBeGreaterThan(mostPassing(runs));
    for (const verb of ["create", "update", "json-patch", "apply-patch", "delete", "get", "list", "watch"]) {
      expect(totals.count("verb", verb)).toBeGreaterThan(10);
    }
    for (const status of ["200", "201", "400", "404", "409", "422"]) {
      expect(totals.count("status", status)).toBeGreaterThan(10);
    }
  });

  it("tell a server that drops a label, by a sequence of a few requests and a command that repeats it", async () => {
    const broken = { ...servers, embedded: brokenSubject(servers.embedded) };
    const { failure } = await run(broken, { runs: 50, seed: 1 });
    expect(failure?.steps.length).toBeLessThan(4);
    const text = failure ? failureText(failure) : "";
    expect(text).toContain('"tier":');
    expect(text).toContain(`npm run differential -- --seed 1 --path ${failure?.path}`);
    const again = await run(broken, { runs: 1, seed: 1, path: failure?.path });
    expect(again.failure?.difference).toEqual(failure?.difference);
  });
});
