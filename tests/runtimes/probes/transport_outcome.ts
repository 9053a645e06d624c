import type { Transport } from "../../../mod.ts";
import { causesOf, formatError, streamStatus, whoAmI } from "./observe.ts";
import { type AskWorld, type Prober, type TransportCase, whyNot } from "./transport_case.ts";

/** What came of a case inside a runtime. */
export interface TransportOutcome {
  readonly feature: string;
  readonly carrier: string;
  readonly outcome: string;
}

/** A transport, and what ends beside it. */
export interface OpenTransport {
  readonly transport: Transport;
  close(): Promise<void> | void;
}

/**
 * Does what a case asks for, over a transport that is closed at the end; where it cannot be asked for, says why.
 *
 * @param options `open`: makes the transport of the case; `ask`: asks the world
 */
export async function transportOutcome(
  one: TransportCase,
  { prober, open, ask }: { prober: Prober; open: () => OpenTransport; ask: AskWorld },
): Promise<TransportOutcome> {
  const { feature, carrier } = one;
  const reason = whyNot(prober, one);
  if (reason !== undefined) return { feature, carrier, outcome: cannot(reason) };
  const { transport, close } = open();
  const cut = async () => void (await ask(`/cut?${encodeURIComponent(carrier)}`));
  const outcome = await seen(transport, one, cut).catch(formatError);
  await transport.close();
  await close();
  // How many requests it made at once, and so what a pool has of it, is a matter of chance.
  if (one.watch === "cut off") await cut();
  return { feature, carrier, outcome };
}

/** The outcome of what cannot be asked for. */
export function cannot(reason: string): string {
  return `cannot: ${reason}`;
}

async function seen(
  transport: Transport,
  { watched, watch }: TransportCase,
  cut: () => Promise<void>,
): Promise<string> {
  if (watch !== undefined)
    return causesOf(transport, watched, { cut: watch === "cut off" ? cut : undefined });
  const status = await streamStatus(transport, watched);
  return status === 200 ? whoAmI(transport) : String(status);
}

/** The header that a token is told in. */
export function loginOf(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
