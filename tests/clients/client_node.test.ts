import { clientNode, describeClient } from "./describe_client.ts";
import { defineInformerCases } from "./informer_cases.ts";

describeClient(clientNode, () => {
  defineInformerCases({ client: clientNode, args: ["default"], listsByStream: false });
});
