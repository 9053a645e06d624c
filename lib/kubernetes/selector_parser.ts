import { InvalidInputError } from "./errors.ts";
import { labelKeyProblem, labelValueProblem } from "./label_syntax.ts";
import { labelInteger, type Requirement } from "./requirement.ts";

/** A piece of a selector's text; the last one, at its end, is empty. */
interface Token {
  readonly text: string;
  readonly at: number;
  readonly isWord: boolean;
}

const TOKEN = /==|!=|[=!(),<>]|(?<word>[^=!(),<> \t\r\n]+)/g;

/**
 * Reads the terms of a selector, in the order in which they are written.
 *
 * `in` and `notin` are operators only after a key: they may be keys and values as well. A gap in a set, as in
 * `a in (,x)` or `a in ()`, is the empty value.
 *
 * @throws InvalidInputError (`selector`).
 */
export function parseRequirements(text: string): Requirement[] {
  return new SelectorParser(text).requirements();
}

class SelectorParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    const tokens = Array.from(text.matchAll(TOKEN), (match) => ({
      text: match[0],
      at: match.index,
      isWord: match.groups?.word !== undefined,
    }));
    this.#tokens = [...tokens, { text: "", at: text.length, isWord: false }];
  }

  requirements(): Requirement[] {
    if (this.#next.text === "") return [];
    const requirements = [this.#requirement()];
    while (this.#takes(",")) requirements.push(this.#requirement());
    if (this.#next.text !== "") throw this.#unexpected('"," or the end');
    return requirements;
  }

  #requirement(): Requirement {
    const isNegated = this.#takes("!");
    const key = this.#word("a label key", labelKeyProblem);
    if (isNegated) return { key, operator: "DoesNotExist" };
    if (this.#isAtTermEnd) return { key, operator: "Exists" };
    if (this.#takes("=") || this.#takes("==")) {
      return { key, operator: "In", values: [this.#isAtTermEnd ? "" : this.#value()] };
    }
    if (this.#takes("!=")) return { key, operator: "NotIn", values: [this.#value()] };
    if (this.#takes("in")) return { key, operator: "In", values: this.#set() };
    if (this.#takes("notin")) return { key, operator: "NotIn", values: this.#set() };
    if (this.#takes(">")) return { key, operator: "Gt", value: this.#integer() };
    if (this.#takes("<")) return { key, operator: "Lt", value: this.#integer() };
    throw this.#unexpected('an operator ("=", "!=", "in", "notin", ">", "<"), "," or the end');
  }

  #set(): string[] {
    if (!this.#takes("(")) throw this.#unexpected('"("');
    const values: string[] = [];
    do values.push(this.#next.isWord ? this.#value() : "");
    while (this.#takes(","));
    if (!this.#takes(")")) throw this.#unexpected('"," or ")"');
    return values;
  }

  #value(): string {
    return this.#word("a label value", labelValueProblem);
  }

  #integer(): bigint {
    const integer = labelInteger(this.#next.text);
    if (integer === undefined) throw this.#unexpected("an integer from 0 to 2^63-1");
    this.#position += 1;
    return integer;
  }

  #word(expected: string, problemOf: (word: string) => string | undefined): string {
    if (!this.#next.isWord) throw this.#unexpected(expected);
    const problem = problemOf(this.#next.text);
    if (problem !== undefined) throw this.#unexpected(expected, problem);
    const { text } = this.#next;
    this.#position += 1;
    return text;
  }

  get #next(): Token {
    // The empty token at the end is never taken, so there always is a next one.
    return this.#tokens[this.#position] as Token;
  }

  get #isAtTermEnd(): boolean {
    return this.#next.text === "," || this.#next.text === "";
  }

  #takes(text: string): boolean {
    if (this.#next.text !== text) return false;
    this.#position += 1;
    return true;
  }

  #unexpected(expected: string, problem?: string): InvalidInputError {
    const { text, at } = this.#next;
    const found = text === "" ? "the end" : `"${text}" at character ${at + 1}`;
    return new InvalidInputError(
      "selector",
      `Cannot parse the selector "${this.#text}": found ${found}, expected ${expected}${problem ? ` (${problem})` : ""}`,
    );
  }
}
