import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlPlane } from "../../fixtures/control_plane.ts";
import { connectProxy, type LoopbackProxy, socksProxy } from "../../fixtures/loopback_proxy.ts";

/** What kubeconfigs of one API server can name on this machine. */
export interface ConnectWorld {
  readonly controlPlane: ControlPlane;
  /** A user that the API server knows by a token. */
  readonly tokenUser: string;
  /** For files; it goes with `close`. */
  readonly folder: string;
  /** The HTTP proxy wants the login `me:secret`. */
  readonly proxies: { readonly http: LoopbackProxy; readonly socks: LoopbackProxy };
  close(): Promise<void>;
}

/** Makes the folder and starts the proxies. */
export async function connectWorld(controlPlane: ControlPlane, tokenUser: string): Promise<ConnectWorld> {
  const folder = await mkdtemp(join(tmpdir(), "connect-"));
  const proxies = { http: await connectProxy({ login: "me:secret" }), socks: await socksProxy() };
  return {
    controlPlane,
    tokenUser,
    folder,
    proxies,
    async close() {
      await Promise.all([proxies.http.close(), proxies.socks.close(), rm(folder, { recursive: true })]);
    },
  };
}
