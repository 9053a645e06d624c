import { formatReport, type Report } from "./report.ts";

/** The reports since the last `clear`, taken one after the other. */
export class ReportQueue {
  #waiting: Report[] = [];
  #wake: () => void = () => {};

  add(report: Report): void {
    this.#waiting.push(report);
    this.#wake();
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Takes reports up to the next one of `type`, waiting where it has not come yet; trouble rejects. */
  async next(type: Report["type"]): Promise<void> {
    for (;;) {
      const report = this.#waiting.shift();
      if (report?.type === type) return;
      if (report?.type === "trouble") throw new Error(formatReport(report));
      if (report) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
