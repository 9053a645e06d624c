import { once } from "node:events";
import type { Socket } from "node:net";
import { TransportError } from "../../lib/kubernetes/errors.ts";
import { linkedController } from "../../lib/support/abort.ts";
import { ipBytes } from "./ip_address.ts";
import type { ProxyServer } from "./proxy_server.ts";

const VERSION = 5;
const NO_LOGIN = 0;
const PASSWORD_LOGIN = 2;
const CONNECT = 1;
/** How an address is written. */
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/**
 * Asks a SOCKS5 proxy (RFC 1928, and RFC 1929 for a password) for a tunnel. The proxy looks names up.
 *
 * @param socket to the proxy; afterwards what is sent goes to the destination
 * @throws {TransportError} when the proxy refuses or speaks something else
 */
export async function socksHandshake(
  socket: Socket,
  {
    proxy: { name, login },
    destination: { hostname, port },
    signal,
  }: { proxy: ProxyServer; destination: { hostname: string; port: number }; signal: AbortSignal },
): Promise<void> {
  function refused(problem: string): TransportError {
    return new TransportError(`Cannot connect through the proxy ${name}: ${problem}`);
  }

  const over = linkedController(signal);
  const brokeOff = () => over.abort(refused("it broke off"));
  socket.once("end", brokeOff).once("close", brokeOff);

  async function answer(size: number): Promise<Buffer> {
    for (;;) {
      const bytes: Buffer | null = socket.read(size);
      if (bytes) return bytes;
      await once(socket, "readable", { signal: over.signal }).catch((error) => {
        throw over.signal.aborted ? over.signal.reason : error;
      });
    }
  }

  try {
    const methods = login ? [NO_LOGIN, PASSWORD_LOGIN] : [NO_LOGIN];
    socket.write(Uint8Array.of(VERSION, methods.length, ...methods));
    const [version, method] = await answer(2);
    if (version !== VERSION) throw refused("it does not speak SOCKS5");
    if (method === PASSWORD_LOGIN && login) {
      socket.write(Uint8Array.of(1, ...counted(login.username), ...counted(login.password)));
      if ((await answer(2))[1] !== 0) throw refused("it did not take the user and password");
    } else if (method !== NO_LOGIN) {
      throw refused("it wants a login that it was not given");
    }

    socket.write(Uint8Array.of(VERSION, CONNECT, 0, ...address(hostname), port >> 8, port & 255));
    const [, code, , kind] = await answer(4);
    if (code !== 0) throw refused(`it answered ${code}`);
    await answer((kind === IPV4 ? 4 : kind === IPV6 ? 16 : ((await answer(1))[0] ?? 0)) + 2);
  } finally {
    over.unlink();
    socket.off("end", brokeOff).off("close", brokeOff);
  }
}

/** Text after its length in bytes; a proxy with a longer login is refused beforehand. */
function counted(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.of(bytes.length, ...bytes);
}

function address(hostname: string): Uint8Array {
  const ip = ipBytes(hostname);
  if (!ip) return Uint8Array.of(NAME, ...counted(hostname));
  return Uint8Array.of(ip.length === 4 ? IPV4 : IPV6, ...ip);
}
