import type { Clock } from "../lib/support/clock.ts";
import type { ClientCertificate, Login } from "./connection.ts";
import { Renewed } from "./renewed.ts";

/** The login of a certificate that never changes. */
export function staticCertificateLogin(certificate: ClientCertificate): Login {
  return { clientCertificate: async () => certificate };
}

/**
 * The login of a certificate that others renew, in files.
 *
 * @param read gives a pair that can be used, or rejects
 * @throws what the first `read` rejects with
 */
export async function renewedCertificateLogin(
  read: () => Promise<ClientCertificate>,
  clock: Clock,
): Promise<Login> {
  let last: ClientCertificate | undefined;
  // The same object while the files hold the same: another one means new connections.
  async function readUnlessSame(): Promise<ClientCertificate> {
    const { cert, key } = await read();
    if (last?.cert !== cert || last.key !== key) last = { cert, key };
    return last;
  }
  const certificate = await Renewed.first(readUnlessSame, clock);
  return {
    credentials: {
      async headers(options) {
        await certificate.refresh(options);
        return {};
      },
    },
    clientCertificate: async () => certificate.value,
  };
}
