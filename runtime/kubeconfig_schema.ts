import * as v from "valibot";

// Every message is our own and goes on from the field's name: valibot's quote the value, which may be a secret.
export const mustBeMap = "must be a map";

export const text = v.pipe(
  v.nullish(v.string("must be a string")),
  v.transform((value) => value || undefined),
);
export const requiredText = v.nullish(v.pipe(v.string("must be a string"), v.nonEmpty("is missing")), "");
export const flag = v.pipe(
  v.nullish(v.picklist(["true", "false", ""], "must be true or false")),
  v.transform((value) => value === "true"),
);
const anything = v.nullish(v.unknown());

const cluster = v.object(
  {
    server: text,
    "tls-server-name": text,
    "insecure-skip-tls-verify": flag,
    "certificate-authority": text,
    "certificate-authority-data": text,
    "proxy-url": text,
    extensions: anything,
  },
  mustBeMap,
);

const user = v.object(
  {
    "client-certificate": text,
    "client-certificate-data": text,
    "client-key": text,
    "client-key-data": text,
    token: text,
    tokenFile: text,
    username: text,
    password: text,
    as: anything,
    "as-uid": anything,
    "as-groups": anything,
    "as-user-extra": anything,
    "auth-provider": anything,
    exec: anything,
  },
  mustBeMap,
);

const context = v.object({ cluster: text, user: text, namespace: text }, mustBeMap);

export function listOf<Item extends v.GenericSchema>(item: Item) {
  return v.nullish(v.array(item, "must be a list"), []);
}

/** What one kubeconfig file may hold. Fields that are not named here are ignored, as kubectl does. */
export const kubeconfigSchema = v.nullish(
  v.object(
    {
      "current-context": text,
      clusters: listOf(
        v.pipe(
          v.object({ name: requiredText, cluster: v.nullish(cluster, {}) }, mustBeMap),
          v.transform(({ name, cluster: fields }) => ({ name, fields })),
        ),
      ),
      users: listOf(
        v.pipe(
          v.object({ name: requiredText, user: v.nullish(user, {}) }, mustBeMap),
          v.transform(({ name, user: fields }) => ({ name, fields })),
        ),
      ),
      contexts: listOf(
        v.pipe(
          v.object({ name: requiredText, context: v.nullish(context, {}) }, mustBeMap),
          v.transform(({ name, context: fields }) => ({ name, fields })),
        ),
      ),
    },
    mustBeMap,
  ),
  {},
);

export type ClusterFields = v.InferOutput<typeof cluster>;
export type UserFields = v.InferOutput<typeof user>;
export type ContextFields = v.InferOutput<typeof context>;
