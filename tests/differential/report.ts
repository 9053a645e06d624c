import type { Answer } from "./player.ts";
import type { Failure } from "./run.ts";
import type { Step } from "./step.ts";

/** How much of an answer is shown before the place at which the two begin to differ. */
const BEFORE = 120;
const SHOWN = 1600;

/** A failure as text: the requests that lead to it, both answers, and the command that repeats it. */
export function failureText({ seed, path, steps, difference }: Failure): string {
  const { index, embedded, real } = difference;
  const [first, second] = [told(embedded), told(real)];
  const at = differsAt(first, second);
  const cut = (text: string) =>
    at > BEFORE ? `…${text.slice(at - BEFORE, at + SHOWN)}` : text.slice(0, SHOWN);
  return [
    `The servers do not say the same to request ${index + 1} of ${steps.length}:`,
    "",
    ...steps.slice(0, index + 1).map((step, number) => `${number + 1}. ${stepText(step)}`),
    "",
    `embedded: ${cut(first)}`,
    "",
    `real:     ${cut(second)}`,
    "",
    `npm run differential -- --seed ${seed} --path ${path}`,
  ].join("\n");
}

function stepText({ method, path, headers, body }: Step): string {
  const sent = Object.entries(headers ?? {}).map(([name, value]) => ` -H '${name}: ${value}'`);
  return `${method} ${path}${sent.join("")}${body === undefined ? "" : ` -d '${body}'`}`;
}

function told({ status, headers, text }: Answer): string {
  const sent = Object.entries(headers).filter(([, value]) => value !== "");
  return [String(status), ...sent.map(([name, value]) => `${name}: ${value}`), text].join("\n");
}

function differsAt(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
