import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { OpenSession } from "../session.ts";
import { frame } from "./expected.ts";

export function kindFrameCases(open: OpenSession): void {
  describe("the frames of a kind", () => {
    const cases: readonly [
      groupVersion: string,
      kind: string,
      resource: string,
      body: object,
      text: string,
    ][] = [
      [
        "v1",
        "ServiceAccount",
        "serviceaccounts",
        { automountServiceAccountToken: false, imagePullSecrets: [{ name: "x" }], secrets: [{ name: "y" }] },
        '"secrets":[{"name":"y"}],"imagePullSecrets":[{"name":"x"}],"automountServiceAccountToken":false',
      ],
      ["v1", "Secret", "secrets", { type: "t", data: { a: "eA==" } }, '"data":{"a":"eA=="},"type":"t"'],
      [
        "v1",
        "ConfigMap",
        "configmaps",
        { binaryData: { b: "eA==" }, data: { a: "1" }, immutable: true },
        '"immutable":true,"data":{"a":"1"},"binaryData":{"b":"eA=="}',
      ],
      [
        "coordination.k8s.io/v1",
        "Lease",
        "leases",
        { spec: { holderIdentity: "a", renewTime: "2026-11-22T14:05:15.123456Z" } },
        '"spec":{"holderIdentity":"a","renewTime":"2026-11-22T14:05:15.123456Z"}',
      ],
      [
        "rbac.authorization.k8s.io/v1",
        "Role",
        "roles",
        { rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] },
        '"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]',
      ],
    ];
    for (const [groupVersion, kind, resource, body, text] of cases) {
      it(`${kind} have their fields in the order of its type`, async () => {
        const api = await open();
        const path = api.path(resource, groupVersion);
        const watch = await api.watch(`${path}?watch=1&resourceVersion=${await api.version(path)}`);
        const metadata = {
          finalizers: ["example.com/held"],
          annotations: { b: "2", a: "1" },
          labels: { z: "1", y: "2" },
          name: "one",
        };
        await api.create(path, { ...body, metadata });
        await api.delete(`${path}/one`);
        const head = (version: number, deletion: string) =>
          `{"kind":"${kind}","apiVersion":"${groupVersion}","metadata":{"name":"one","namespace":"<namespace>","uid":"<uid 1>","resourceVersion":"<version ${version}>","creationTimestamp":"<time>",${deletion}"labels":{"y":"2","z":"1"},"annotations":{"a":"1","b":"2"},"finalizers":["example.com/held"]}`;
        const deletion = '"deletionTimestamp":"<time>","deletionGracePeriodSeconds":0,';
        expect(await watch.take(2)).toEqual([
          frame("ADDED", `${head(1, "")},${text}}`),
          frame("MODIFIED", `${head(2, deletion)},${text}}`),
        ]);
      });
    }
  });
}
