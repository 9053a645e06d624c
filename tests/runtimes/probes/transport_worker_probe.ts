import { runWorker } from "./run_worker.ts";
import type { ProbedTls, TransportCase } from "./transport_case.ts";
import type { TransportRun } from "./transport_probe.ts";
import type { WebOutcome } from "./transport_web.ts";
import { inWorkerd, type WorkerCase } from "./transport_worker.ts";
import type { TransportWorld } from "./transport_world.ts";

/** Runs the cases inside workerd, each over services with the TLS options of the case. */
export async function probeTransportsInWorkerd(world: TransportWorld): Promise<TransportRun> {
  const ways = new Ways();
  const cases = world.cases.map(
    (one): WorkerCase => ({
      ...one,
      service: ways.add(one, one.tls),
      baseService: ways.add(one, one.baseTls),
    }),
  );
  const { runtime, value } = await runWorker<WebOutcome>({
    imports: `import { workerOutcome } from "./transport_worker.ts";`,
    expression: "workerOutcome(env)",
    services: [
      ...ways.services.values(),
      `(name = "WORLD", external = (address = "${new URL(world.url).host}"))`,
    ],
    bindings: [
      `(name = "CASES", json = embed "cases.json")`,
      ...[...ways.services.keys(), "WORLD"].map((name) => `(name = "${name}", service = "${name}")`),
    ],
    files: { ...ways.files, "cases.json": JSON.stringify(cases) },
  });
  return { runtime, prober: inWorkerd, ...value };
}

/** The services that lead to the API server, and the files of their certificates. */
class Ways {
  readonly services = new Map<string, string>();
  readonly files: Record<string, string> = {};
  readonly #names = new Map<string, string>();

  /** The name of the service for the URL of a case, with these TLS options. */
  add({ baseUrl }: TransportCase, tls: ProbedTls): string {
    const key = JSON.stringify([baseUrl, tls]);
    const name = this.#names.get(key) ?? `way${this.#names.size}`;
    if (this.#names.has(key)) return name;
    this.#names.set(key, name);
    const { ca, cert, key: privateKey, serverName } = tls;
    const options: string[] = [];
    if (ca) options.push(`trustedCertificates = [${this.#embed(`${name}-ca.pem`, ca)}]`);
    if (cert && privateKey) {
      const pair = [this.#embed(`${name}-key.pem`, privateKey), this.#embed(`${name}.pem`, cert)];
      options.push(`keypair = (privateKey = ${pair[0]}, certificateChain = ${pair[1]})`);
    }
    const host = serverName === undefined ? "" : `, certificateHost = "${serverName}"`;
    const https = `(tlsOptions = (${options.join(", ")})${host})`;
    const address = new URL(baseUrl).host;
    this.services.set(name, `(name = "${name}", external = (address = "${address}", https = ${https}))`);
    return name;
  }

  #embed(name: string, text: string): string {
    this.files[name] = text;
    return `embed "${name}"`;
  }
}
