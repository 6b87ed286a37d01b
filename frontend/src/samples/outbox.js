// Labels on their way to the server: sent one after the other, in the order of the interpreter, and
// kept in the browser until the server has stored them.

/**
 * A label as its form has it.
 * @typedef {{ point: string, fields: [string, string][] }} Label
 */

/**
 * What became of a label: stored; refused, with the reason; or not answered, with the reason that
 * the server gave, if it gave one.
 * @typedef {{ state: "stored", progress: Progress } | { state: "refused", reason: string }
 *   | { state: "unanswered", reason: string }} Answer
 * @typedef {{ percent: number, text: string }} Progress
 */

/**
 * What the outbox needs of its page. `refused` says whether the page has taken the label back.
 * @typedef {{
 *   send: (label: Label) => Promise<Answer>,
 *   kept: () => Label[],
 *   keep: (labels: Label[]) => void,
 *   stored: (progress: Progress) => void,
 *   refused: (label: Label, reason: string) => Promise<boolean>,
 *   changed: (waiting: number, trouble: string | null) => void,
 *   pause: (milliseconds: number) => Promise<void>,
 * }} Surroundings
 */

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export class Outbox {
  #around;
  /** @type {Label[]} */
  #labels;
  #sending = false;
  #failures = 0;
  /** @type {(() => void)[]} */
  #idle = [];

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
    this.#labels = around.kept();
    this.#send();
  }

  /** The number of labels that the server has not stored yet. */
  get waiting() {
    return this.#labels.length;
  }

  /**
   * Sends a label. It takes the place of one of the same point that was not sent yet.
   *
   * @param {Label} label
   */
  add(label) {
    // The first may be on its way: it stays, and the new one is stored after it.
    const first = this.#sending ? 1 : 0;
    this.#labels = this.#labels.filter((one, n) => n < first || one.point !== label.point);
    this.#labels.push(label);
    this.#around.keep(this.#labels);
    this.#send();
  }

  /** Resolves once nothing waits. */
  async idle() {
    if (this.#labels.length) await new Promise((done) => this.#idle.push(() => done(null)));
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    for (let label = this.#labels[0]; label; label = this.#labels[0]) {
      const answer = await this.#around.send(label);
      if (await this.#isDone(label, answer)) {
        this.#failures = 0;
        this.#labels.shift();
        this.#around.keep(this.#labels);
        this.#around.changed(this.#labels.length, null);
        continue;
      }
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#failures += 1;
      this.#around.changed(this.#labels.length, "reason" in answer ? answer.reason : "");
      await this.#around.pause(pause);
    }
    this.#sending = false;
    for (const done of this.#idle.splice(0)) done();
  }

  /**
   * @param {Label} label
   * @param {Answer} answer
   */
  async #isDone(label, answer) {
    if (answer.state === "stored") this.#around.stored(answer.progress);
    if (answer.state === "refused") return this.#around.refused(label, answer.reason);
    return answer.state === "stored";
  }
}
