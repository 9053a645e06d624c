import type { Step } from "./step.ts";

/** A way in which the embedded server does not answer like kube-apiserver, and why it stays. */
interface KnownDifference {
  readonly what: string;
  readonly embedded: string;
  readonly real: string;
  readonly why: string;
  /** Whether a request would run into it; the sequences then do without. Others are not generated to begin with. */
  excludes?(step: Step): boolean;
}

/** Kinds of which a PUT makes the object that is not there. */
const CREATED_BY_PUT = /\/(?:leases|services|events|roles|rolebindings|clusterroles|clusterrolebindings)\//;
const NO_BASE64 = /":"(?:!|MQ=?| MQ==)"/g;
const APPLY = "application/apply-patch+yaml";

const RARE = "nobody is known to depend on it";
const NO_CONTROLLERS = "it is what a controller, a plug-in or another component does";
const NO_SCHEMAS = "the schemas of the built-in kinds would be most of the library";

/** Every difference that is known, in the order of the page. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    what: "paths: the subresources `scale` (also where a definition declares it), `eviction`, `log`, `exec` and `token`; `/api/v1/watch/…`",
    embedded: "404",
    real: "served",
    why: "they act on running containers or repeat what other paths do",
  },
  {
    what: "kinds: `bindings`, `componentstatuses`, `ipaddresses`, `servicecidrs`, `volumeattachments`, `csi…`, admission policies, and the groups apiregistration, certificates, node, resource, flowcontrol and `autoscaling/v1`",
    embedded: "404",
    real: "served",
    why: "few controllers watch them",
  },
  {
    what: "WebhookConfigurations, ResourceQuotas, LimitRanges, PodDisruptionBudgets and HorizontalPodAutoscalers",
    embedded: "stored",
    real: "obeyed, by the API server or by controllers",
    why: "the `admit` hook refuses what a test wants refused",
  },
  {
    what: "protection finalizers of PersistentVolumes and their claims, `orphan` of a ReplicationController that is deleted",
    embedded: "not set",
    real: "set",
    why: "nobody here would take them away again",
  },
  {
    what: "bodies of built-in kinds, but for ConfigMap, Secret and Lease",
    embedded:
      "below `metadata` neither checked nor defaulted; unknown fields are seen at the top and in `metadata` only",
    real: "checked, defaulted, and unknown fields at every level warned of or refused",
    why: NO_SCHEMAS,
  },
  {
    what: "server-side apply on lists of those kinds",
    embedded: "a list is owned as a whole, so that two managers of one list conflict",
    real: "many lists merge by a key, as containers do by name",
    why: NO_SCHEMAS,
  },
  {
    what: "strategic merge patch",
    embedded: "415 with a Status",
    real: "applied to built-in kinds",
    why: `${NO_SCHEMAS}; use a merge patch, a JSON Patch or apply`,
  },
  {
    what: "metadata by which defaults show (labels of Jobs, an annotation of DaemonSets)",
    embedded: "not set",
    real: "set from the body",
    why: NO_SCHEMAS,
  },
  {
    what: "metadata on the status path of built-in kinds",
    embedded: "labels stay as they are, for every kind",
    real: "each kind has its own rule of what a status write may change",
    why: RARE,
  },
  {
    what: "propagation policies and preconditions of namespaces",
    embedded: "policies say nothing; a precondition is told as with other kinds",
    real: "a policy may leave a finalizer in the metadata; a resource version that does not hold is told in other words",
    why: RARE,
  },
  {
    what: "CustomResourceDefinitions",
    embedded:
      "their own schema is not validated, one without a schema is accepted, CEL rules (`x-kubernetes-validations`) are not run; the kind is served at once",
    real: "structural schemas are required and checked, CEL runs; the kind is served some 50 ms later",
    why: "CEL is a language of its own; write a definition with the real server once",
  },
  {
    what: "formats `isbn`, `creditcard` and `rgbcolor` in schemas",
    embedded: "not checked",
    real: "checked",
    why: RARE,
  },
  {
    what: "an object whose fields cannot be read by the schema, while the part in question is dropped anyway",
    embedded: "managedFields tell what was set",
    real: "the object loses its managedFields",
    why: RARE,
  },
  {
    what: "finalizers of custom objects without a domain",
    embedded: "no warning",
    real: "a `Warning` header",
    why: "cheap to add when somebody misses it",
  },
  {
    what: "a dry-run creation that names a resource version",
    embedded: "500, as without dry run; a PUT that would create shows none",
    real: "the resource version is shown as it was sent",
    why: RARE,
    excludes: ({ method, path, body = "" }) =>
      (method === "POST" || (method === "PUT" && CREATED_BY_PUT.test(path))) &&
      path.includes("dryRun=All") &&
      body.includes('"resourceVersion"'),
  },
  {
    what: "a set that holds an item twice, such as two equal finalizers, in managedFields",
    embedded: "is left out",
    real: "is told as one, and later as none",
    why: RARE,
  },
  {
    what: "an empty map or list in the metadata of an applied custom object, and an empty list for the bytes of a Secret",
    embedded: "is none",
    real: "is stored, and not shown; the next write, though it changes nothing, gives a new resource version",
    why: "an accident of the real server",
    excludes: ({ path, headers = {}, body = "" }) =>
      (headers["content-type"] === APPLY &&
        path.includes("example.com") &&
        /"(?:labels|annotations|finalizers|ownerReferences)":(?:\{\}|\[\])/.test(body)) ||
      (path.includes("/secrets/") && body.includes('"value":[]')),
  },
  {
    what: "a write that changes nothing, by a manager whose entry in managedFields is not the newest",
    embedded: "gives no new resource version",
    real: "gives one, if more than a second has passed: the entries are sorted by time anew",
    why: "it is another each time; the comparison plays such a sequence again",
  },
  {
    what: "an empty map of data in an update of an immutable ConfigMap or Secret that has none",
    embedded: "is the same as none",
    real: "counts as a change, and is refused",
    why: "an accident of the real server",
    excludes: ({ method, path, body = "" }) =>
      method !== "POST" &&
      /\/(?:configmaps|secrets)\//.test(path) &&
      /"(?:binaryD|d|stringD)ata":\{\}/.test(body),
  },
  {
    what: "several mistakes in one request",
    embedded:
      "sometimes another one of them is told: a form that is not served before a bad list option, a wrong apiVersion of a custom object before what is wrong with its metadata, all mistakes of an applied body at once",
    real: "its own order",
    why: "the order is that of its internals",
    excludes: ({ path, headers = {}, body = "" }) =>
      (path.includes("?") && /as=Nothing|html/.test(headers.accept ?? "")) ||
      (headers["content-type"] === APPLY &&
        (body.includes('"unknown"') || (body.match(NO_BASE64) ?? []).length > 1)),
  },
  {
    what: "the order of several causes of a 422 (the comparison sorts them)",
    embedded: "that in which the fields are checked",
    real: "another each time, where it goes through its maps",
    why: "there is no order to keep",
  },
  {
    what: "JSON that does not parse, and duplicate keys",
    embedded: "400 with words of its own; of duplicate keys the last one holds, in silence",
    real: "400 with the parser's words; duplicate keys are warned of or refused",
    why: "it would take a JSON parser of our own",
  },
  {
    what: "the words of a 422 for a patch whose outcome cannot be read",
    embedded: "quote the object with sorted keys",
    real: "quote it with those keys sorted that the patch touched",
    why: RARE,
  },
  {
    what: "a patch that takes away or changes `kind` or `apiVersion`",
    embedded: "422 that names the field",
    real: "400 or 422 of the decoder",
    why: RARE,
  },
  {
    what: "a `deletionTimestamp` or `selfLink` in the body of a create by PUT or apply",
    embedded: "dropped",
    real: "stored, or shown once",
    why: "an accident of the real server",
  },
  {
    what: "the columns' descriptions in tables",
    embedded: "in words of its own",
    real: "the comments of its source",
    why: "they are prose, not protocol",
  },
  {
    what: "kubectl's last-applied annotation when it goes over to server-side apply",
    embedded: "the fields stay with the manager that set them",
    real: "the manager `kubectl` takes them over",
    why: RARE,
  },
  {
    what: "protobuf",
    embedded: "415 and 406: of kubectl, what it sends typed (`create namespace`, `auth can-i`) fails",
    real: "read and written for built-in kinds",
    why: NO_SCHEMAS,
  },
  {
    what: "TLS in `kdw serve`",
    embedded: "plain HTTP on the loopback interface; kubectl sends no token over it",
    real: "HTTPS",
    why: "a test needs no certificate; put a proxy in front for one",
  },
  {
    what: "bodies in YAML of POST and PUT",
    embedded: "415; only applied configurations may be YAML",
    real: "read, with `content-type: application/yaml`",
    why: RARE,
  },
  { what: "answers in YAML", embedded: "JSON text, which is YAML", real: "YAML in blocks", why: RARE },
  {
    what: "headers `audit-id` and `x-kubernetes-pf-…`",
    embedded: "none",
    real: "with every answer, or those of priority and fairness with nearly every one",
    why: "no audit is kept, and requests do not wait for each other",
  },
  {
    what: "compressed lists",
    embedded: "never",
    real: "gzip from 128 KiB on, for who accepts it",
    why: "nothing is gained in one process",
  },
  {
    what: "a body of more than 3 MiB (413)",
    embedded: "counts characters",
    real: "counts bytes",
    why: RARE,
  },
  {
    what: "OpenAPI",
    embedded: "none of built-in kinds: no `kubectl explain`, no client-side validation",
    real: "all of it",
    why: NO_SCHEMAS,
  },
  {
    what: "of kubectl, what needs one of these: `explain`; `scale`; `set image`, `rollout restart` and a second client-side `apply` of a built-in kind",
    embedded:
      "fails: no OpenAPI, no subresource `scale`, 415 for strategic merge patches; `rollout status` waits forever",
    real: "works; a controller brings `rollout status` to an end",
    why: `${NO_SCHEMAS}; use \`kubectl apply --server-side\` and \`kubectl patch --type merge\``,
  },
  {
    what: "RBAC",
    embedded:
      "no check against escalation, no `admin`, `edit` and `view` roles; the superuser has a name of its own; `Impersonate-Extra` is not heeded; SelfSubjectRulesReview is not served",
    real: "all of these",
    why: "a controller under test does not hand out rights",
  },
  {
    what: "watchers that do not read",
    embedded: "are kept, whatever they owe",
    real: "are closed when their buffer is full",
    why: "faults can end any stream (docs/faults.md)",
  },
  {
    what: "Events",
    embedded: "in the core group only, and they never expire",
    real: "shown by `events.k8s.io`, too, and gone after an hour",
    why: RARE,
  },
  {
    what: "propagation policies and finalizers of Events",
    embedded:
      "heeded, as those of other kinds: `Orphan` and `Foreground` keep the Event; a finalizer has to have a domain",
    real: "policies are not heeded: Events own nothing; a finalizer may be any name",
    why: RARE,
    excludes: ({ path, body = "" }) =>
      path.includes("/events") &&
      /propagationPolicy|orphanDependents|"finalizers"|metadata\/finalizers/.test(path + body),
  },
  {
    what: "what follows from a deletion or a new object (owners, namespaces, rollouts, endpoints, IP addresses)",
    embedded: "nothing",
    real: "done by controllers, not by the API server alone",
    why: NO_CONTROLLERS,
  },
];

/** Whether a step runs into a known difference, and so is not generated. */
export function isExcluded(step: Step): boolean {
  return KNOWN_DIFFERENCES.some(({ excludes }) => excludes?.(step));
}
