import type { Clock } from "../../lib/support/clock.ts";
import type { AdmissionHook } from "./admission.ts";
import type { KnownUser } from "./authentication.ts";
import type { AccessRequest } from "./authorization.ts";

/** Options of `memoryApiServer`. */
export interface MemoryApiServerOptions {
  /** For bookmarks, timeouts and waiting; by default the runtime's own. */
  readonly clock?: Clock;
  /** For creation and deletion times; by default the runtime's own. */
  readonly wallClock?: () => Date;
  /** From 0 up to 1, for uids, generated names and watch timeouts; by default Math.random. */
  readonly random?: () => number;
  /** How many changes of each resource a watch can go back; 1,000 by default. */
  readonly historyLimit?: number;
  /** What can be turned off, as in older servers. */
  readonly features?: {
    /** Streaming lists (KEP-3157); on by default. Off, they are refused as by older servers. */
    readonly watchList?: boolean;
  };
  /**
   * Who is known, looked at with each request: any other user or token is answered 401, and by `fetch` whoever comes
   * without a token is `system:anonymous`. By default every name is known, and whoever comes by `fetch` is the superuser.
   */
  readonly users?: readonly KnownUser[];
  /**
   * Whether a user may do what a request for a resource asks; if not, it is answered 403. Asked at each request, except
   * for members of `system:masters`; by default everything is allowed. A running watch is not asked again.
   */
  readonly authorize?: (request: AccessRequest) => boolean;
  /**
   * `rbac`: what Roles and ClusterRoles say by their bindings is allowed, with `authorize` what either of them allows.
   * The server then begins with the roles by which every user reads discovery and asks about itself.
   */
  readonly authorization?: "rbac";
  /** Asked about each write, the server's own verbs too, before it is done; it throws to refuse it, as a webhook would. */
  readonly admit?: AdmissionHook;
}
