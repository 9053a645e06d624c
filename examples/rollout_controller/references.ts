/** A ConfigMap or Secret that a pod template names; it lives in the namespace of the pods. */
export interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  /** Whether the pods can start without it: every place that names it says so. */
  readonly optional: boolean;
}

interface Source {
  readonly name?: string;
  readonly optional?: boolean;
}

interface ContainerLike {
  readonly env?: readonly {
    readonly valueFrom?: { readonly configMapKeyRef?: Source; readonly secretKeyRef?: Source };
  }[];
  readonly envFrom?: readonly { readonly configMapRef?: Source; readonly secretRef?: Source }[];
}

interface VolumeLike {
  readonly configMap?: Source;
  /** Unlike everywhere else the name is called `secretName`. */
  readonly secret?: { readonly secretName?: string; readonly optional?: boolean };
  readonly projected?: {
    readonly sources?: readonly { readonly configMap?: Source; readonly secret?: Source }[];
  };
}

/** The part of a pod template that this controller reads. */
export interface PodTemplateLike {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly containers?: readonly ContainerLike[];
    readonly initContainers?: readonly ContainerLike[];
    readonly volumes?: readonly VolumeLike[];
  };
}

/**
 * The ConfigMaps and Secrets that the pods of `template` take environment variables or files from: each once, sorted
 * by kind and name.
 */
export function referencesOf({ spec = {} }: PodTemplateLike): readonly Reference[] {
  const { containers = [], initContainers = [], volumes = [] } = spec;
  const references = new Map<string, Reference>();
  for (const mention of [
    ...[...initContainers, ...containers].flatMap(ofContainer),
    ...volumes.flatMap(ofVolume),
  ]) {
    const key = `${mention.kind}/${mention.name}`;
    const optional = mention.optional && (references.get(key)?.optional ?? true);
    references.set(key, { ...mention, optional });
  }
  return [...references].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference);
}

function ofContainer({ env = [], envFrom = [] }: ContainerLike): Reference[] {
  return [
    ...env.flatMap(({ valueFrom = {} }) => [
      ...mention("ConfigMap", valueFrom.configMapKeyRef),
      ...mention("Secret", valueFrom.secretKeyRef),
    ]),
    ...envFrom.flatMap(({ configMapRef, secretRef }) => [
      ...mention("ConfigMap", configMapRef),
      ...mention("Secret", secretRef),
    ]),
  ];
}

function ofVolume({ configMap, secret, projected }: VolumeLike): Reference[] {
  return [
    ...mention("ConfigMap", configMap),
    ...mention("Secret", secret && { ...secret, name: secret.secretName ?? "" }),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...mention("ConfigMap", source.configMap),
      ...mention("Secret", source.secret),
    ]),
  ];
}

function mention(kind: Reference["kind"], { name, optional = false }: Source = {}): Reference[] {
  return name ? [{ kind, name, optional }] : [];
}
