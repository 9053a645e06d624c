import { certificateAuthority } from "../../fixtures/certificates.ts";
import type { ControlPlane } from "../../fixtures/control_plane.ts";
import { ALL_CAUSES } from "./observe.ts";
import { type Carrier, carriers, type TransportCase } from "./transport_case.ts";

/** The users of the cases: each may do all with one kind that is the other's not. */
export const TOKEN_USER = "robot";
const CERTIFICATE_USER = "carol";
const NAMESPACE = "default";
const KINDS = {
  [TOKEN_USER]: { kind: "Secret", namespace: NAMESPACE },
  [CERTIFICATE_USER]: { kind: "ConfigMap", namespace: NAMESPACE },
} as const;

type Feature = Omit<TransportCase, "carrier" | "baseUrl" | "baseTls">;

/**
 * Every transport with every way to know the server and to log in.
 *
 * @param urls of the API server, for each transport one
 */
export async function transportCases(
  controlPlane: ControlPlane,
  urls: Readonly<Record<Carrier, string>>,
): Promise<readonly TransportCase[]> {
  const features = await transportFeatures(controlPlane);
  return carriers.flatMap((carrier) =>
    features.map((feature) => {
      const { cert, key } = feature.tls;
      const baseTls = { ca: controlPlane.ca, ...(cert && key && { cert, key }) };
      return { ...feature, carrier, baseUrl: urls[carrier], baseTls };
    }),
  );
}

async function transportFeatures(controlPlane: ControlPlane): Promise<readonly Feature[]> {
  for (const [user, { kind, namespace }] of Object.entries(KINDS)) {
    await controlPlane.grant(user, { verbs: ["*"], resources: [`${kind.toLowerCase()}s`], namespace });
  }
  const { ca } = controlPlane;
  const stranger = await certificateAuthority("stranger");
  const pair = await controlPlane.clientCertificate({ commonName: CERTIFICATE_USER });
  const byToken = { token: controlPlane.token(TOKEN_USER), watched: KINDS[TOKEN_USER] };
  const byPair = { watched: KINDS[CERTIFICATE_USER], expected: CERTIFICATE_USER };
  const refused = { watched: KINDS[CERTIFICATE_USER], expected: "TRANSPORT_ERROR" };
  return [
    // First: what the others leave is not cut off.
    {
      feature: "watch, by client certificate, cut off in between",
      tls: { ca, ...pair },
      ...byPair,
      watch: "cut off",
      expected: ALL_CAUSES,
    },
    { feature: "watch, by token", tls: { ca }, ...byToken, watch: "quiet", expected: ALL_CAUSES },
    { feature: "CA, token", tls: { ca }, ...byToken, expected: TOKEN_USER },
    { feature: "CA, token that nobody has", tls: { ca }, ...byToken, token: "nobody's", expected: "401" },
    { feature: "CA, client certificate", tls: { ca, ...pair }, ...byPair },
    { feature: "CA of another cluster", tls: { ca: stranger.cert, ...pair }, ...refused },
    { feature: "no CA", tls: { ...pair }, ...refused },
    { feature: "server name", tls: { ca, ...pair, serverName: "localhost" }, ...byPair },
    {
      feature: "server name that the server does not have",
      tls: { ca, ...pair, serverName: "elsewhere.example" },
      ...refused,
    },
    { feature: "server that is not checked", tls: { ...pair, insecureSkipVerify: true }, ...byPair },
  ];
}
