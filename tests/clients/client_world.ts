import { type KubeconfigFile, writeKubeconfig } from "../../cli/kubeconfig_file.ts";
import { type ListeningServer, serve } from "../../runtime/serve.ts";
import { type MemoryApiServer, memoryApiServer } from "../../transports/memory/mod.ts";
import { type ControlPlane, startControlPlane } from "../fixtures/control_plane.ts";

/** An API server that a client reaches over the network, and what a test does to its objects. */
export interface ClientWorld {
  /** The path of a kubeconfig for it, of a user to whom nothing is refused. */
  readonly kubeconfig: string;
  /** Sends a request past the client, a PATCH as a merge patch; a status other than 2xx is an error. */
  call(method: string, path: string, options?: { body?: object }): Promise<unknown>;
  close(): Promise<void>;
}

/** The embedded API server as `kdw serve` serves it. */
export class EmbeddedWorld implements ClientWorld {
  readonly server: MemoryApiServer;
  readonly #listening: ListeningServer;
  readonly #kubeconfig: KubeconfigFile;

  private constructor(server: MemoryApiServer, listening: ListeningServer, kubeconfig: KubeconfigFile) {
    this.server = server;
    this.#listening = listening;
    this.#kubeconfig = kubeconfig;
  }

  static async start(): Promise<EmbeddedWorld> {
    const server = memoryApiServer();
    const listening = await serve(server);
    const kubeconfig = await writeKubeconfig(listening.url, { path: undefined });
    return new EmbeddedWorld(server, listening, kubeconfig);
  }

  get kubeconfig(): string {
    return this.#kubeconfig.path;
  }

  async call(method: string, path: string, { body }: { body?: object } = {}): Promise<unknown> {
    const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const response = await this.server.fetch(`${this.#listening.url}${path}`, {
      method,
      headers: { "content-type": contentType },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot ${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async close(): Promise<void> {
    await this.#listening.close();
    await this.#kubeconfig.remove();
  }
}

/** A real kube-apiserver. */
export class RealWorld implements ClientWorld {
  readonly controlPlane: ControlPlane;

  private constructor(controlPlane: ControlPlane) {
    this.controlPlane = controlPlane;
  }

  static async start(): Promise<RealWorld> {
    return new RealWorld(await startControlPlane());
  }

  get kubeconfig(): string {
    return this.controlPlane.kubeconfigPath;
  }

  call(method: string, path: string, options?: { body?: object }): Promise<unknown> {
    return this.controlPlane.call(method, path, options);
  }

  close(): Promise<void> {
    return this.controlPlane.stop();
  }
}
