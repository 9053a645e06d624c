import { describeOnEachServer } from "../fixtures/api_server_under_test.ts";
import { anonymousCases } from "./access/anonymous.ts";
import { impersonationCases } from "./access/impersonation.ts";
import { reviewCases } from "./access/reviews.ts";
import { roleCases } from "./access/roles.ts";
import { sessions } from "./session.ts";

describeOnEachServer("access", (server) => {
  const open = sessions(server);
  anonymousCases(open);
  reviewCases(open);
  roleCases(open);
  impersonationCases(open);
});
