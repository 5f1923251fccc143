/** The object that is called, the same on both sides. */

/** What a call gives to the constructor and to the method. */
export const CNTR = ['Rex'] as const;
export const ARGS = ['hello'] as const;
export const KWS = { times: 2 } as const;

/** What comes back. */
export const ANSWER = 'Rex: hello hello';

export class Dog {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  bark(words: string, times = 1): string {
    return `${this.#name}: ${Array(times).fill(words).join(' ')}`;
  }
}
