import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { canonicalize, type ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import { Discovery } from "../../../lib/protocol/discovery.ts";
import { plan } from "../../../lib/serve/planner.ts";
import type { Lease } from "../../../lib/serve/serving.ts";
import { StreamServing } from "../../../lib/serve/stream_serving.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";
import { ManualApi } from "../../fixtures/manual_api.ts";

const db = canonicalize({ version: "v1", kind: "Secret", namespace: "ns", name: "db" });
const all = canonicalize({ version: "v1", kind: "Secret", namespace: "ns", selector: "" });
const team = canonicalize({ version: "v1", kind: "Namespace", namespace: "ns", name: "team" });

/** A StreamServing on an API by hand, and what its sink heard. */
class Bench {
  readonly api = new ManualApi();
  readonly clock = new FakeClock();
  readonly heard: string[] = [];
  readonly serving = new StreamServing({
    transport: this.api,
    clock: this.clock,
    discovery: new Discovery(this.api, { clock: this.clock }),
    content: "object",
    startTimeoutMs: 30_000,
    logger: { warn() {}, error() {} },
    sink: {
      transition: (_key, { type, after, before }) => this.heard.push(`${type} ${(after ?? before)?.name}`),
      blocked: (_key, error) => this.heard.push(`blocked: ${error.code}`),
      stream: (_spec, { state }) => this.heard.push(state),
    },
  });

  acquire({ identifier }: { identifier: ObjectIdentifier }): Promise<Lease> {
    return this.serving.acquire(identifier, { signal: new AbortController().signal });
  }

  names(): (string | undefined)[] {
    const answer = this.serving.read(db.key);
    return answer.known ? answer.objects.map(({ name }) => name) : ["not known"];
  }
}

describe("StreamServing", () => {
  it("serves an identifier by one stream as long as anybody holds a lease on it", async () => {
    const { api, serving, acquire } = bound(new Bench());
    const leases = await Promise.all([acquire(db), acquire(db)]);
    leases.push(await acquire(db));
    expect(leases.map(({ key }) => key)).toEqual([db.key, db.key, db.key]);
    expect([serving.streamCount, api.asked("secrets").length]).toEqual([1, 1]);
    for (const lease of leases.slice(1)) await serving.release(lease);
    // A lease given back twice is one.
    await serving.release(leases[1]!);
    expect([serving.streamCount, api.openCount]).toEqual([1, 1]);
    await serving.release(leases[0]!);
    expect([serving.streamCount, api.openCount]).toEqual([0, 0]);
    expect(serving.read(db.key)).toEqual({ known: false });
  });

  it("forgets with the last lease at once, and waits for the end of the stream", async () => {
    const { api, clock, serving, acquire } = bound(new Bench());
    api.ignoresAbort = true;
    const lease = await acquire(db);
    let ended = false;
    serving.release(lease).then(() => {
      ended = true;
    });
    expect(serving.read(db.key)).toEqual({ known: false });
    expect(serving.streamCount).toBe(1);
    const closed = serving.close();
    await clock.advance(4_999);
    expect(ended).toBe(false);
    await clock.advance(1);
    await closed;
    expect([ended, serving.streamCount, clock.pending]).toEqual([true, 0, 0]);
  });

  it("keeps its answers after close", async () => {
    const bench = bound(new Bench());
    bench.api.put(db.identifier);
    await bench.acquire(db);
    await bench.serving.close();
    expect(bench.names()).toEqual(["db"]);
    expect(bench.api.openCount).toBe(0);
  });

  it("gives a lease in the form that the scope of its kind asks for, and knows it while that is served", async () => {
    const { serving, acquire } = bound(new Bench());
    const field = { field: "watched" };
    expect(serving.scoped(team, field)).toEqual(team);
    const lease = await acquire(team);
    const { namespace: _, ...scoped } = team.identifier;
    expect(lease.watched).toEqual(scoped);
    expect(serving.scoped(team, field)).toEqual({ key: lease.key, identifier: scoped });
    await serving.release(lease);
    expect(serving.scoped(team, field)).toEqual(team);
  });

  it("tells a lease that its identifier has been blocked", async () => {
    const { api, clock, serving, heard, acquire } = bound(new Bench());
    const lease = await acquire(db);
    expect(lease.error).toBeUndefined();
    api.held.add("secrets");
    api.stream(db.identifier).send({ type: "ERROR", object: { kind: "Status", code: 403 } });
    await clock.advance(1_000);
    expect(lease.error).toBeUndefined();
    api.stream(db.identifier).refuse(403);
    await settle();
    expect(lease.error).toMatchObject({ status: 403, watched: db.identifier });
    expect(serving.read(db.key)).toEqual({ known: false });
    expect(heard).toEqual(["starting", "live", "retrying", "blocked: API_ERROR", "blocked"]);
    await serving.release(lease);
  });

  it("moves an identifier to another stream, of which only what differs is told", async () => {
    const bench = bound(new Bench());
    const { api, serving, heard, acquire } = bench;
    api.put(db.identifier);
    const lease = await acquire(db);
    heard.length = 0;
    api.put({ ...db.identifier, name: "other" });
    const resource = { group: "", version: "v1", resource: "secrets", namespaced: true };
    const identifiers = new Map([[db.key, { identifier: all.identifier, resource }]]);
    const moved = serving.reassign(db.key, plan({ identifiers, content: "object" }).get(db.key)!);
    expect(bench.names()).toEqual(["db"]);
    await moved;
    await settle();
    expect(bench.names()).toEqual(["db", "other"]);
    expect(heard.filter((line) => /^[A-Z]/.test(line))).toEqual(["ADDED other"]);
    expect(api.calls.filter((call) => call.isOpen).map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(serving.streamCount).toBe(1);
    await serving.release(lease);
    expect(serving.streamCount).toBe(0);
  });

  it("keeps an identifier whose new stream fails at first: it has been live", async () => {
    const bench = bound(new Bench());
    const { api, clock, serving, heard, acquire } = bench;
    api.put(db.identifier);
    await acquire(db);
    const resource = { group: "", version: "v1", resource: "secrets", namespaced: true };
    const identifiers = new Map([[db.key, { identifier: all.identifier, resource }]]);
    api.held.add("secrets");
    await serving.reassign(db.key, plan({ identifiers, content: "object" }).get(db.key)!);
    await settle();
    api.asked("secrets").at(-1)?.refuse(503);
    await settle();
    expect([heard.at(-1), bench.names()]).toEqual(["retrying", ["db"]]);
    api.put({ ...db.identifier, name: "other" });
    api.release("secrets");
    await clock.advance(2_000);
    expect(bench.names()).toEqual(["db", "other"]);
    expect(heard.filter((line) => /^[A-Z]/.test(line))).toEqual(["ADDED other"]);
  });

  it("asks discovery for a kind only while nothing of it is served", async () => {
    const { api, serving, acquire } = bound(new Bench());
    const lease = await acquire(db);
    api.discovery.served.set("v1", []);
    await Promise.all([acquire(all), serving.release(lease)]);
    expect(api.asked("discovery")).toHaveLength(1);
    expect(serving.streamCount).toBe(1);
  });
});

/** The methods of a bench are taken apart. */
function bound(bench: Bench) {
  const { api, clock, serving, heard } = bench;
  return { api, clock, serving, heard, acquire: bench.acquire.bind(bench), names: bench.names.bind(bench) };
}
