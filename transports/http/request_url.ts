import { InvalidInputError } from "../../lib/kubernetes/errors.ts";

/**
 * The URL of a request, for what parses it again: a parser resolves dot segments and encodes what it does not like.
 *
 * @param by what sends it
 * @throws {InvalidInputError} for what would be changed so that it means something else
 */
export function requestUrl(origin: string, target: string, by: string): string {
  const [path, ...query] = target.split("?");
  // The only thing that it may do: it means the same to a server.
  const url = [path, ...query.map((part) => part.replaceAll("'", "%27"))].join("?");
  if (new URL(origin + url).href !== origin + url) {
    throw new InvalidInputError(
      "path",
      `Cannot send a request with ${by}: its path has a dot segment, which ${by} would resolve; use undiciTransport`,
    );
  }
  return origin + url;
}
