import { type FaultHook, type FaultyTransport, faults } from "../../transports/faults.ts";
import { kindNamed } from "./catalogue.ts";
import type { Cluster } from "./cluster.ts";
import type { FaultStep } from "./schedule.ts";
import type { Totals } from "./totals.ts";

type RequestRule = Extract<FaultStep, { do: "fault" }> & { left: number };

/** What befalls requests and streams now. */
export class FaultRules {
  readonly #totals: Totals;
  #rules: RequestRule[] = [];
  /** Since the last rest: a stream may be half-open, or may wait for versions that never come. */
  maySilence = false;
  /** A fault may wait in a stream for what is to come. */
  #waitsInStreams = false;

  constructor(totals: Totals) {
    this.#totals = totals;
  }

  readonly hook: FaultHook = ({ verb }) => {
    const rule = this.#rules.find((one) => one.left > 0 && one.verbs.includes(verb));
    if (!rule) return undefined;
    rule.left -= 1;
    this.#totals.count(`fault ${nameOf(rule.fault)}`);
    this.#note(rule.fault);
    return rule.fault;
  };

  async perform(
    step: FaultStep,
    { cluster, transport }: { cluster: Cluster; transport: FaultyTransport },
  ): Promise<void> {
    const { server } = cluster;
    switch (step.do) {
      case "fault":
        this.#rules = [{ ...step, left: step.times }, ...this.#rules];
        return;
      case "break": {
        const broken = transport.breakStreams(step.fault, { where: ({ verb }) => verb === "watch" });
        if (broken > 0) this.#note(step.fault);
        this.#totals.count(`fault ${step.fault.type} of open streams`, broken);
        return;
      }
      case "down":
      case "up":
        server.down = step.do === "down";
        break;
      case "dropConnections":
      case "endWatches":
      case "compact":
      case "restart":
        server[step.do]();
        break;
      case "revoke":
        cluster.revoked.add(kindNamed(step.kind).resource);
        break;
      case "grant":
        cluster.revoked.delete(kindNamed(step.kind).resource);
        break;
      case "backup":
        await cluster.backUp();
        break;
      case "restoreBackup":
        if (!(await cluster.restoreBackup())) return;
        this.maySilence = true;
    }
    this.#totals.count(`fault ${step.do}`);
  }

  /** No fault befalls a request any more. What is half-open already stays so. */
  heal(): void {
    this.#rules = [];
  }

  /** Breaks the streams, where a fault may still wait in one of them; says whether. */
  breakHaunted(transport: FaultyTransport): boolean {
    if (!this.#waitsInStreams) return false;
    this.#waitsInStreams = false;
    return transport.breakStreams(faults.cut()) > 0;
  }

  #note(fault: object): void {
    const { type = "", then } = fault as { type?: string; then?: object };
    if (type === "silence") this.maySilence = true;
    if ("afterFrames" in fault || type === "replay" || type === "bytewise") this.#waitsInStreams = true;
    if (then) this.#note(then);
  }
}

function nameOf(fault: object): string {
  const { type, answer, error, status, then } = fault as Record<string, unknown>;
  const detail = answer ?? error ?? status ?? (then ? nameOf(then as object) : undefined);
  return detail === undefined ? String(type) : `${type} ${detail}`;
}
