import * as v from "valibot";
import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { aFlag, aFunction, anObjectWith } from "../../lib/kubernetes/inputs.ts";
import { checked, only, value } from "../../lib/support/checked.ts";
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
   * Who is known, looked at with each request: any other user or token is answered 401, and whoever comes without
   * either is `system:anonymous`. By default every name is known, and whoever comes without one is the superuser.
   */
  readonly users?: readonly KnownUser[];
  /**
   * Whether a user may do what a request for a resource asks; if not, it is answered 403. Asked at each request, except
   * for members of `system:masters`; by default everything is allowed. A running watch is not asked again. It decides
   * at once: anything but true or false, such as a promise, is answered 500.
   */
  readonly authorize?: (request: AccessRequest) => boolean;
  /**
   * `rbac`: what Roles and ClusterRoles say by their bindings is allowed, with `authorize` what either of them allows.
   * The server then begins with the roles by which every user reads discovery and asks about itself.
   */
  readonly authorization?: "rbac";
  /**
   * Asked about each write, the server's own verbs too, before it is done; it throws to refuse it, as a webhook would.
   * It decides at once: a write whose hook returns something, such as a promise, is answered 500.
   */
  readonly admit?: AdmissionHook;
}

const isCount = (input: unknown) => Number.isInteger(input) && Number(input) >= 0;
const text = v.config(v.pipe(v.string(), v.nonEmpty()), { message: "it must be a text that is not empty" });

const optionsSchema = only(
  {
    clock: v.optional(anObjectWith("now", "setTimeout")),
    wallClock: v.optional(aFunction),
    random: v.optional(aFunction),
    historyLimit: v.optional(value(isCount, "it must be a whole number, 0 or more")),
    features: v.optional(only({ watchList: aFlag }, "it must be an object")),
    users: v.optional(
      v.array(
        only(
          {
            name: text,
            token: v.optional(text),
            groups: v.optional(v.array(text, "it must be a list of names")),
          },
          "it must be an object with a name",
        ),
        "it must be a list of users",
      ),
    ),
    authorize: v.optional(aFunction),
    authorization: v.optional(v.literal("rbac", 'it must be "rbac", or left out')),
    admit: v.optional(aFunction),
  },
  "they must be an object",
);

/**
 * Checks the options: a misspelt one would go unseen, and let tests pass in vain.
 *
 * @throws InvalidInputError naming the option at fault, and never its value
 */
export function checkServerOptions(options: MemoryApiServerOptions): void {
  checked(optionsSchema, options, (path, problem) => {
    const field = path || "options";
    return new InvalidInputError(field, `Cannot make an API server: ${field}: ${problem}`);
  });
}
