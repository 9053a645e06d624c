/** Takes away what would make two runs of one seed differ: whoever reaches for it fails. */
export function forbidAmbient(): void {
  const forbidden = (name: string) => () => {
    throw new Error(`Cannot use ${name} in a simulation: it has a clock and randomness of its own`);
  };
  Object.assign(Math, { random: forbidden("Math.random") });
  Object.assign(Date, { now: forbidden("Date.now") });
  Object.assign(performance, { now: forbidden("performance.now") });
  for (const name of ["setTimeout", "setInterval"]) Object.assign(globalThis, { [name]: forbidden(name) });
}
